// A calendar's form: the hours of one day for others like it.
export function startCalendar() {
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-copy-hours]");
    if (!button) return;
    const form = button.form;
    const hours = button.previousElementSibling.value;
    for (const day of button.dataset.copyHours.split(" ")) form.elements[day].value = hours;
    button.previousElementSibling.dispatchEvent(new Event("change", { bubbles: true }));
  });
}
