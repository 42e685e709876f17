// What makes filling a form easier where scripts run: the faults are read first, and a day gets its points while it
// is typed.  Every check is made by the server; without this file nothing is lacking.

const faults = document.getElementById("faults");
const first = document.querySelector(".form-sheet input, .form-sheet textarea");
if (faults) {
  faults.focus();
} else if (first && document.querySelectorAll(".form-field").length === 1) {
  first.focus();
}

for (const field of document.querySelectorAll('[data-kind="date"] input')) {
  field.addEventListener("input", (event) => {
    const typed = field.value;
    if (String(event.inputType ?? "").startsWith("delete") || field.selectionStart !== typed.length) return;
    if (typed.endsWith("..")) { field.value = typed.slice(0, -1); return; }
    if (/^\d\d(\.\d\d)?$/.test(typed)) field.value = `${typed}.`;
  });
}
