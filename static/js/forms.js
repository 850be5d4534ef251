// Forms: no double sending, questions before what cannot be undone, copying, focus on the first error.
export function startForms() {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    const question = event.submitter?.dataset.confirm || form.dataset.confirm;
    if (question && !confirm(question)) {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    if (form.method === "post" && !form.hasAttribute("hx-post")) {
      if (form.dataset.sent) event.preventDefault();
      form.dataset.sent = "1";
      setTimeout(() => delete form.dataset.sent, 4000);
    }
  }, true);
  window.addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  });
  document.addEventListener("change", (event) => {
    const field = event.target;
    if (field.matches("[data-submit]")) field.form.requestSubmit();
    if (field.matches("[data-reload]")) reload(field);
  });
  document.addEventListener("click", async (event) => {
    if (event.target.closest("[data-print]")) print();
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent.trim());
    button.classList.add("copied");
    const label = button.querySelector(".word") || button;
    const before = label.textContent;
    label.textContent = button.dataset.copied || before;
    setTimeout(() => (label.textContent = before), 2000);
  });
  document.querySelector("[data-error-summary], form:not([data-sample]) [aria-invalid='true']")?.focus();
}

// Draw the form again for another choice (product → its components) and keep what was typed.
function reload(field) {
  const again = field.form.querySelector("button[name='again']");
  if (again) field.form.requestSubmit(again);
}
