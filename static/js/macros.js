// Macros in the composer: / at the start of a line opens the list, Enter puts one into the text.
import { icon } from "./icons.js";

const QUIET = 120;
let dialog, input, list, pane, field, slash, timer;
let asked = 0;

export function startMacros() {
  dialog = document.getElementById("macros");
  if (!dialog) return;
  input = dialog.querySelector("input");
  list = dialog.querySelector("[role=listbox]");
  pane = dialog.querySelector("[data-macro-preview]");
  input.addEventListener("input", draw);
  input.addEventListener("keydown", move);
  list.addEventListener("click", (event) => use(event.target.closest("[role=option]")));
  list.addEventListener("pointerover", (event) => mark(event.target.closest("[role=option]")));
  dialog.addEventListener("close", () => field?.focus());
  document.addEventListener("input", (event) => {
    const text = event.target;
    if (event.data === "/" && text.matches("[data-draft]") && opensLine(text)) open(text, true);
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-open-macros]");
    if (button) open(button.form.querySelector("[data-draft]"), false);
  });
}

const options = () => [...document.querySelectorAll("[data-macros] option")].filter((option) => option.value);

// The caret stands behind a slash that begins its line.
function opensLine(text) {
  const before = text.value.slice(0, text.selectionStart);
  return before === "/" || before.endsWith("\n/");
}

function open(text, wasTyped) {
  field = text;
  slash = wasTyped ? text.selectionStart : 0;
  input.value = "";
  draw();
  dialog.showModal();
}

function draw() {
  const wanted = input.value.trim().toLowerCase().split(/\s+/);
  const found = options().filter((option) => wanted.every((word) => option.text.toLowerCase().includes(word)));
  list.replaceChildren(...found.map(row));
  dialog.querySelector(".picker-none").hidden = found.length > 0;
  pane.replaceChildren();
  mark(list.firstElementChild);
}

function row(option) {
  const item = document.createElement("div");
  item.className = "picker-item";
  item.id = `macro-${option.value}`;
  item.setAttribute("role", "option");
  item.dataset.value = option.value;
  const sign = icon(option.dataset.icon);
  sign.classList.add("small");
  item.append(sign, option.text);
  return item;
}

function move(event) {
  const items = [...list.children];
  const here = items.findIndex((item) => item.getAttribute("aria-selected") === "true");
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    mark(items[(here + (event.key === "ArrowDown" ? 1 : -1) + items.length) % items.length]);
  }
  if (event.key === "Enter") {
    event.preventDefault();
    use(items[here]);
  }
}

function mark(item) {
  if (!item || item.getAttribute("aria-selected") === "true") return;
  for (const other of list.children) other.setAttribute("aria-selected", String(other === item));
  input.setAttribute("aria-activedescendant", item.id);
  item.scrollIntoView({ block: "nearest" });
  clearTimeout(timer);
  timer = setTimeout(() => look(item.dataset.value), QUIET);
}

async function look(value) {
  const mine = ++asked;
  const address = document.querySelector("[data-macros]").dataset.look.replace("/0/", `/${value}/`);
  const answer = await fetch(address);
  const text = answer.ok ? await answer.text() : "";
  if (mine !== asked) return null; // another one was marked meanwhile
  const shown = new DOMParser().parseFromString(text, "text/html");
  pane.replaceChildren(...shown.body.childNodes);
  return pane.querySelector("[data-macro]");
}

async function use(item) {
  if (!item) return;
  clearTimeout(timer);
  const shown = pane.querySelector("[data-macro]");
  const ready = shown?.dataset.macro === item.dataset.value ? shown : await look(item.dataset.value);
  dialog.close();
  if (!ready) return;
  const text = ready.querySelector("[data-macro-text]");
  if (text) {
    speak(ready.dataset.kind);
    put(text.value);
  } else {
    put("");
  }
  const carried = ready.querySelector("[data-macro-carried]").content.cloneNode(true);
  field.form.querySelector("[data-carried]").replaceChildren(carried);
}

// A macro's note is never sent as a reply.
function speak(kind) {
  const choice = field.form.querySelector(`[name=kind][value=${kind}]`);
  if (choice.checked) return;
  if (slash) field.setRangeText("", slash - 1, slash, "start");
  slash = 0;
  choice.checked = true;
  choice.dispatchEvent(new Event("change", { bubbles: true }));
}

// The text takes the place of the slash, or stands at the caret.
function put(text) {
  const [from, to] = slash ? [slash - 1, slash] : [field.selectionStart, field.selectionEnd];
  field.focus();
  field.setRangeText(text, from, to, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
}
