// Text size, contrast and reach change at once and without a new page, so that nothing typed is lost.

const MIRRORED = { size: "size", contrast: "contrast", reach: "reach" };

function press(form, button) {
  const root = document.documentElement;
  root.dataset[MIRRORED[button.name]] = button.value;
  if (button.dataset.values) {
    const [off, on] = button.dataset.values.split(" ");
    button.setAttribute("aria-pressed", String(button.value === on));
    button.value = button.value === on ? off : on;
    return;
  }
  for (const one of form.querySelectorAll(`button[name="${button.name}"]`)) {
    one.setAttribute("aria-pressed", String(one === button));
  }
}

export function listen() {
  const form = document.getElementById("look");
  form?.addEventListener("submit", (event) => {
    if (!event.submitter) return;
    event.preventDefault();
    const body = new URLSearchParams({ [event.submitter.name]: event.submitter.value, here: location.pathname });
    press(form, event.submitter);
    fetch(form.action, { method: "POST", body, redirect: "manual" }).catch(() => {});
  });
}
