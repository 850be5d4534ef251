// The filter bar: f goes there, names and values are offered while one types.
import { bind } from "./keyboard.js";
import { offerUnder } from "./offers.js";

let form, input, begin;

export function startFilterBar() {
  form = document.querySelector("[data-filter-bar]");
  if (!form) return;
  input = form.querySelector("[role=combobox]");
  bind("f", () => {
    input.focus();
    input.setSelectionRange(input.value.length, input.value.length);
  });
  offerUnder(input, form.querySelector("[role=listbox]"), find, take);
}

async function find(text) {
  const caret = input.selectionStart;
  const query = new URLSearchParams({ text, caret: String(caret) });
  const answer = await fetch(`${form.dataset.filterBar}?${query}`);
  if (!answer.ok) return null;
  const found = await answer.json();
  begin = found.begin;
  return found.offers.filter((offer) => offer.text !== text.slice(begin, caret));
}

function take(text) {
  input.setRangeText(text, begin, input.selectionStart, "end");
  return text.endsWith(":"); // a name goes on with its values
}
