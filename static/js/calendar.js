// A calendar's form: the hours of one day for others like it, and countries in the reader's language.
export function startCalendar() {
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-copy-hours]");
    if (!button) return;
    const field = button.previousElementSibling;
    for (const day of button.dataset.copyHours.split(" ")) button.form.elements[day].value = field.value;
    field.dispatchEvent(new Event("change", { bubbles: true }));
  });
  document.addEventListener("htmx:load", (event) => nameCountries(event.detail.elt));
  nameCountries(document);
}

function nameCountries(part) {
  const language = document.documentElement.lang;
  if (language.startsWith("en")) return;
  const names = new Intl.DisplayNames([language], { type: "region", fallback: "none" });
  for (const select of part.querySelectorAll("select[name='country']")) {
    const [none, ...countries] = select.options;
    for (const option of countries) option.text = names.of(option.value) || option.text;
    countries.sort((one, other) => one.text.localeCompare(other.text, language));
    const chosen = select.value;
    select.replaceChildren(none, ...countries);
    select.value = chosen;
  }
}
