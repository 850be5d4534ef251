// The filter bar: f goes there, names and values are offered while one types.
import { bind } from "./keyboard.js";

const PAUSE = 90;
let form, input, list, found, timer;

export function startFilterBar() {
  form = document.querySelector("[data-filter-bar]");
  if (!form) return;
  input = form.querySelector("[role=combobox]");
  list = form.querySelector("[role=listbox]");
  bind("f", () => {
    input.focus();
    input.setSelectionRange(input.value.length, input.value.length);
  });
  input.addEventListener("input", later);
  input.addEventListener("click", later);
  input.addEventListener("keydown", press);
  input.addEventListener("blur", hide);
  list.addEventListener("pointerdown", (event) => {
    event.preventDefault(); // the caret stays in the bar
    const offer = event.target.closest("[role=option]");
    if (offer) take(offer);
  });
}

function later() {
  clearTimeout(timer);
  timer = setTimeout(ask, PAUSE);
}

async function ask() {
  const text = input.value;
  const query = new URLSearchParams({ text, caret: String(input.selectionStart) });
  const answer = await fetch(`${form.dataset.filterBar}?${query}`);
  if (!answer.ok || input.value !== text || document.activeElement !== input) return;
  found = await answer.json();
  draw();
}

function draw() {
  const begun = input.value.slice(found.begin, input.selectionStart);
  const offers = found.offers.filter((offer) => offer.text !== begun);
  list.replaceChildren(...offers.map(option));
  list.hidden = !offers.length;
  list.scrollTop = 0;
  input.setAttribute("aria-expanded", String(!list.hidden));
  input.removeAttribute("aria-activedescendant");
}

function option({ text, words }, place) {
  const line = document.createElement("div");
  line.className = "offer";
  line.id = `offer-${place}`;
  line.setAttribute("role", "option");
  line.setAttribute("aria-selected", "false");
  line.dataset.text = text;
  const bold = document.createElement("b");
  bold.textContent = text;
  line.append(bold);
  if (words !== text) {
    const about = document.createElement("span");
    about.textContent = words;
    line.append(about);
  }
  return line;
}

function press(event) {
  const all = [...list.children];
  const here = all.findIndex((line) => line.getAttribute("aria-selected") === "true");
  if (event.key === "Escape") {
    event.preventDefault();
    if (list.hidden) input.blur();
    else hide();
  } else if (list.hidden) {
    if (event.key === "ArrowDown") later();
  } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    mark(all, (here + (event.key === "ArrowDown" ? 1 : -1) + all.length) % all.length);
  } else if ((event.key === "Enter" || event.key === "Tab") && here >= 0) {
    event.preventDefault();
    take(all[here]);
  }
}

function mark(all, place) {
  all.forEach((line, index) => line.setAttribute("aria-selected", String(index === place)));
  input.setAttribute("aria-activedescendant", all[place].id);
  all[place].scrollIntoView({ block: "nearest" });
}

function take(line) {
  const { text } = line.dataset;
  input.setRangeText(text, found.begin, input.selectionStart, "end");
  hide();
  if (text.endsWith(":")) later(); // a name goes on with its values
}

function hide() {
  clearTimeout(timer);
  list.hidden = true;
  input.setAttribute("aria-expanded", "false");
  input.removeAttribute("aria-activedescendant");
}
