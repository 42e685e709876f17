// Files are dropped anywhere on the form; what is being read is looked at again until all is done.

const form = document.getElementById("give");
const chooser = document.getElementById("files");
const state = document.getElementById("reading-state");
const AGAIN_MS = 1000;

for (const name of ["dragenter", "dragover"]) {
  form.addEventListener(name, (event) => { event.preventDefault(); form.classList.add("give--over"); });
}
for (const name of ["dragleave", "drop"]) {
  form.addEventListener(name, () => form.classList.remove("give--over"));
}
form.addEventListener("drop", (event) => {
  event.preventDefault();
  if (!event.dataTransfer.files.length) return;
  chooser.files = event.dataTransfer.files;
  chooser.focus();
});

async function again() {
  const answer = await fetch("/clerk/readings", { redirect: "error" }).catch(() => null);
  if (!answer?.ok) return;
  state.innerHTML = await answer.text();
  if (state.firstElementChild?.dataset.underWay) setTimeout(again, AGAIN_MS);
  else location.reload();
}
if (state?.firstElementChild?.dataset.underWay) setTimeout(again, AGAIN_MS);
