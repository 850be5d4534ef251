// The palette (ctrl+k): every action that this page offers, and what the desk finds by that name.
import { icon } from "./icons.js";
import { bind } from "./keyboard.js";
import { pick } from "./picker.js";
import { settled } from "./settled.js";

let dialog, input, acts, found, offered;

export function startPalette() {
  dialog = document.getElementById("palette");
  if (!dialog) return;
  [input, acts, found] = ["input", "#palette-acts", "#palette-found"].map((which) => dialog.querySelector(which));
  bind("ctrl+k", open);
  document.addEventListener("click", (event) => event.target.closest("[data-open-palette]") && open());
  input.addEventListener("input", draw);
  input.addEventListener("keydown", move);
  found.addEventListener("htmx:afterSwap", () => mark(0));
  acts.addEventListener("click", (event) => choose(event.target.closest("[role=option]")));
}

function open() {
  input.value = "";
  found.replaceChildren();
  offered = gather();
  draw();
  dialog.showModal();
  window.htmx?.trigger(input, "open");
}

// What one can do here: fields that open a list, buttons that send, links of the ticket's menu.
function gather() {
  const ticket = document.getElementById("ticket");
  if (!ticket) return [];
  const fields = [...ticket.querySelectorAll("select[data-ask]:not(:disabled)")].map((field) => ({ name: field.dataset.ask, run: () => pick(field), from: field }));
  const presses = [...ticket.querySelectorAll(".ticket-head button[type=submit]:not(.without-script), .menu-item")].map((each) => ({
    name: each.textContent.trim() || each.title,
    run: () => each.click(),
    from: each,
  }));
  return [...fields, ...presses].filter((act) => act.name && !act.from.closest("[hidden]"));
}

function draw() {
  const typed = input.value.trim().toLowerCase().split(/\s+/);
  const fitting = offered.filter((act) => typed.every((word) => act.name.toLowerCase().includes(word)));
  const shown = input.value ? fitting : fitting.slice(0, 5);
  acts.hidden = shown.length === 0;
  acts.replaceChildren(acts.firstElementChild, ...shown.map(row));
  mark(0);
}

function row(act, index) {
  const item = document.createElement("div");
  item.className = "picker-item";
  item.id = `act-${index}`;
  item.setAttribute("role", "option");
  item.act = act;
  item.append(act.from.querySelector("svg.icon")?.cloneNode(true) || icon("pencil"), act.name);
  return item;
}

const items = () => [...dialog.querySelectorAll("[role=option]")].filter((item) => !item.closest("[hidden]"));

function move(event) {
  const all = items();
  const here = all.findIndex((item) => item.getAttribute("aria-selected") === "true");
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    mark((here + (event.key === "ArrowDown" ? 1 : -1) + all.length) % all.length);
  }
  if (event.key === "Enter") {
    event.preventDefault();
    choose(all[here]);
  }
}

function mark(index) {
  const all = items();
  all.forEach((item, position) => item.setAttribute("aria-selected", String(position === index)));
  input.setAttribute("aria-activedescendant", all[index]?.id || "");
  all[index]?.scrollIntoView({ block: "nearest" });
  dialog.querySelector(".picker-none").hidden = all.length > 0 || !input.value;
}

function choose(item) {
  if (!item) return;
  dialog.close();
  if (!item.act) item.click();
  // The page may have been drawn anew since the palette opened: find the action again.
  else settled(() => gather().find((act) => act.name === item.act.name)?.run());
}
