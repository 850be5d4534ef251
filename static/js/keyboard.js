// One map of keys for the whole workspace; pages bind, this file listens. `?` shows the map.
const bound = new Map();
let prefix = "";
let timer;

// Bind a key ("j"), a chord ("g m") or a modified key ("ctrl+enter"). A later binding wins.
export function bind(key, act) {
  bound.set(key, act);
}

export function startKeyboard() {
  document.addEventListener("keydown", listen);
  bind("?", () => document.getElementById("keys")?.showModal());
  bind("/", () => document.querySelector("[data-search]")?.focus());
  bind("escape", () => document.activeElement?.blur());
  document.addEventListener("pointerdown", () => sessionStorage.removeItem("by-keys"));
}

// Whether the last thing done was done by a key: then a new page puts the focus where keys go on.
export const isByKeys = () => sessionStorage.getItem("by-keys") === "yes";

function listen(event) {
  const name = spell(event);
  if (event.defaultPrevented || event.isComposing || document.querySelector("dialog[open]")) return;
  const single = !event.ctrlKey && !event.metaKey;
  if (single && name !== "escape" && (typing(event.target) || document.body.dataset.keys === "off")) return;
  const chord = prefix ? `${prefix} ${name}` : name;
  clearTimeout(timer);
  prefix = "";
  const act = bound.get(chord) || bound.get(name);
  if (act) {
    sessionStorage.setItem("by-keys", "yes");
    if (act(event) !== false) event.preventDefault();
  } else if ([...bound.keys()].some((key) => key.startsWith(`${name} `))) {
    prefix = name;
    timer = setTimeout(() => (prefix = ""), 1200);
  }
}

function spell(event) {
  const key = event.key.toLowerCase();
  if (event.ctrlKey || event.metaKey) return `ctrl+${key}`;
  if (event.altKey) return `alt+${key}`;
  return event.shiftKey && key.length === 1 && key !== key.toUpperCase() ? `shift+${key}` : key;
}

function typing(element) {
  return element.matches?.("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");
}
