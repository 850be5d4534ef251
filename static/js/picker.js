// Choose an option of a <select> by typing: opened by a key, closed by Enter or Escape. Where it
// names an address in data-find, its options are asked for there, and a new word may be one, too.
// A digit chooses at once where the options are always the same (data-digits). Shift and Enter say
// that one goes on to the next ticket afterwards: `then` is told.
import { icon } from "./icons.js";
import { settled } from "./settled.js";

let dialog, input, list, select, after, cancel;
let asked = 0;
let seeking = Promise.resolve();

export function pick(target, then, otherwise) {
  select = target;
  after = then;
  cancel = otherwise;
  dialog ||= build();
  input.value = "";
  input.placeholder = select.dataset.ask || select.labels?.[0]?.textContent.trim() || "";
  input.setAttribute("aria-label", input.placeholder);
  list.replaceChildren();
  begin();
  dialog.showModal();
}

function build() {
  dialog = document.getElementById("picker");
  input = dialog.querySelector("input");
  list = dialog.querySelector("[role=listbox]");
  input.addEventListener("input", begin);
  input.addEventListener("keydown", move);
  dialog.addEventListener("close", () => cancel?.());
  list.addEventListener("click", (event) => choose(event.target.closest("[role=option]")));
  return dialog;
}

function begin() {
  seeking = select.dataset.find ? seek(input.value.trim().toLowerCase()) : Promise.resolve(draw());
}

async function seek(wanted) {
  const mine = ++asked;
  const answer = await fetch(`${select.dataset.find}?${new URLSearchParams({ begun: wanted })}`);
  if (!answer.ok || mine !== asked) return;
  const { tags } = await answer.json();
  const offers = tags.map((tag) => new Option(tag, tag));
  if (wanted && !tags.includes(wanted)) offers.push(new Option(select.dataset.fresh.replace("#", wanted), wanted));
  select.replaceChildren(select.options[0], ...offers);
  draw();
}

function draw() {
  const wanted = input.value.trim().toLowerCase();
  const found = [...select.options].filter((option) => !option.disabled && !option.hidden && matches(option.text.toLowerCase(), wanted));
  list.replaceChildren(...found.map(row));
  mark(wanted ? 0 : Math.max(0, found.findIndex((option) => option.selected)));
  dialog.querySelector(".picker-none").hidden = found.length > 0;
}

const matches = (text, wanted) => text.includes(wanted) || text.split(/\s+/).map((word) => word[0]).join("").startsWith(wanted);

const hasDigits = () => "digits" in select.dataset && input.value === "";

function row(option, index) {
  const item = document.createElement("div");
  item.className = "picker-item";
  item.id = `picker-${index}`;
  item.setAttribute("role", "option");
  item.dataset.value = option.value;
  if (option.dataset.icon) item.append(icon(option.dataset.icon));
  item.append(option.text);
  if (hasDigits() && option.value) item.append(digit(option));
  if (option.selected && option.value !== "") {
    const check = icon("check");
    check.classList.add("end");
    item.append(check);
  }
  return item;
}

const choices = () => [...select.options].filter((option) => option.value);

function digit(option) {
  const key = document.createElement("kbd");
  key.textContent = choices().indexOf(option) + 1;
  key.setAttribute("aria-hidden", "true");
  return key;
}

function move(event) {
  const items = [...list.children];
  const meant = hasDigits() && choices()[Number(event.key) - 1];
  if (meant) {
    event.preventDefault();
    choose(items.find((item) => item.dataset.value === meant.value));
    return;
  }
  const here = items.findIndex((item) => item.getAttribute("aria-selected") === "true");
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    mark((here + (event.key === "ArrowDown" ? 1 : -1) + items.length) % items.length);
  }
  if (event.key === "Enter") {
    event.preventDefault();
    const goesOn = event.shiftKey;
    seeking.then(() => choose(list.querySelector("[aria-selected=true]"), goesOn));
  }
}

function mark(index) {
  [...list.children].forEach((item, position) => item.setAttribute("aria-selected", String(position === index)));
  const item = list.children[index];
  input.setAttribute("aria-activedescendant", item?.id || "");
  item?.scrollIntoView({ block: "nearest" });
}

function choose(item, goesOn = false) {
  if (!item) return;
  cancel = null;
  dialog.close();
  const { id } = select;
  settled(() => {
    select = document.getElementById(id) || select; // the page may have been drawn anew meanwhile
    select.value = item.dataset.value;
    if (after) after(select, goesOn);
    else select.dispatchEvent(new Event("change", { bubbles: true }));
  });
}
