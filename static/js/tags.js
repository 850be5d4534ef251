// Tags that exist are offered in a field of tags; a key or a button opens a list to add one.
import { offerUnder } from "./offers.js";
import { pick } from "./picker.js";

export function startTags() {
  document.addEventListener("focusin", (event) => {
    const input = event.target;
    if (input.matches("[data-tags]") && !input.hasAttribute("role")) complete(input);
  });
}

// Add one tag of the list to what a field holds, then hand over.
export function addTag(select, field, then) {
  pick(select, ({ value }) => {
    field.value = field.value ? `${field.value}, ${value}` : value;
    then();
  });
}

function complete(input) {
  const list = document.createElement("div");
  list.className = "offers";
  list.id = `${input.id}-offers`;
  list.hidden = true;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", input.dataset.tagsLabel);
  input.after(list);
  for (const [name, value] of [["role", "combobox"], ["autocomplete", "off"], ["aria-autocomplete", "list"], ["aria-expanded", "false"], ["aria-controls", list.id]]) input.setAttribute(name, value);
  let isTaken = false;
  const begin = () => input.value.lastIndexOf(",", input.selectionStart - 1) + 1;
  const find = async (text) => {
    const begun = text.slice(begin(), input.selectionStart).trim().toLowerCase();
    const there = new Set(text.split(",").map((word) => word.trim().toLowerCase()));
    const answer = await fetch(`${input.dataset.tags}?${new URLSearchParams({ begun })}`);
    if (!answer.ok) return null;
    return (await answer.json()).tags.filter((tag) => !there.has(tag)).map((tag) => ({ text: tag, words: tag }));
  };
  const take = (tag) => {
    const from = begin();
    input.setRangeText(`${from ? " " : ""}${tag}, `, from, input.selectionStart, "end");
    isTaken = true;
  };
  offerUnder(input, list, find, take);
  // What a script wrote makes no change of its own when the field is left.
  input.addEventListener("change", () => (isTaken = false));
  input.addEventListener("blur", () => {
    if (isTaken) input.dispatchEvent(new Event("change", { bubbles: true }));
  });
}
