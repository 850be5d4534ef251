// The queue by keyboard: j/k move, x selects, enter opens, letters change what is selected.
import { remember } from "./cookies.js";
import { bind, isByKeys } from "./keyboard.js";
import { pick } from "./picker.js";

let page;

export function startQueue() {
  page = document.querySelector("[data-queue]");
  if (!page) return;
  bind("j", () => step(1));
  bind("k", () => step(-1));
  bind("arrowdown", () => (current() ? step(1) : false));
  bind("arrowup", () => (current() ? step(-1) : false));
  bind("x", () => toggle(current() || rows()[0]));
  bind("shift+x", () => toggleTo(current()));
  bind("enter", (event) => (event.target.matches("a, button, summary") ? false : open()));
  bind("o", open);
  for (const [key, name] of Object.entries({ a: "assignee", s: "status", c: "category", p: "priority", t: "team" })) {
    bind(key, () => ask(name));
  }
  bind("l", () => ask("tags"));
  bind("m", () => take());
  bind("e", () => set("status", "resolved"));
  for (const key of ["r", "n"]) bind(key, () => open(key === "r" ? "#reply" : "#note"));
  bind("h", snooze);
  bind("v", togglePreview);
  page.addEventListener("change", (event) => {
    if (event.target.matches("[data-all]")) for (const box of boxes()) box.checked = event.target.checked;
    if (event.target.matches("tr[data-number] input, [data-all]")) offerAll();
    if (event.target.matches("input[type=checkbox]")) count();
  });
  page.addEventListener("click", click);
  page.addEventListener("focusin", (event) => {
    const row = event.target.closest("tr[data-number]");
    if (row && !event.target.matches("input")) choose(row);
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-toggle-preview]")) togglePreview();
    const way = event.target.closest("[data-set-density]");
    if (way) density(way.dataset.setDensity);
    if (event.target.closest("[data-clear]")) clear();
    if (event.target.closest("[data-pick-tag]")) ask("tags");
  });
  comeBack();
  count();
  leaveTrail();
}

// The cursor stands on the row that was worked on; where that has left the list, on what took its
// place, and where nothing is left, on the list that says so.
function comeBack() {
  const kept = sessionStorage.getItem("row") || location.hash.slice(2);
  const place = Number(sessionStorage.getItem("place"));
  for (const name of ["row", "place"]) sessionStorage.removeItem(name);
  const all = rows();
  const back = all.find((row) => row.dataset.number === kept);
  const row = back || all[Math.min(place, all.length - 1)];
  if (row && (back || isByKeys())) row.querySelector(".subject a").focus();
  else if (row) choose(row);
  else if (kept && isByKeys()) page.querySelector("#queue-form").focus();
}

const rows = () => [...page.querySelectorAll("tr[data-number]")];
const boxes = () => [...page.querySelectorAll("tr[data-number] input[type=checkbox]")];
const current = () => page.querySelector("tr.current");
const hasPreview = () => {
  const pane = document.getElementById("preview");
  return pane && getComputedStyle(pane).display !== "none";
};

function step(by) {
  const all = rows();
  const here = all.indexOf(current());
  const focused = document.activeElement.closest("tr[data-number]");
  const next = focused || by < 0 ? all[here + by] : all[here];
  if (next) next.querySelector(".subject a").focus();
  else if (by > 0) page.querySelector("[data-next-page]")?.focus();
  next?.scrollIntoView({ block: "nearest" });
}

let waiting;
function choose(row) {
  if (row === current() && row.dataset.shown) return;
  current()?.classList.remove("current");
  row.classList.add("current");
  clearTimeout(waiting);
  if (!hasPreview()) return;
  for (const other of rows()) delete other.dataset.shown;
  row.dataset.shown = "1";
  waiting = setTimeout(() => {
    window.htmx?.ajax("GET", row.dataset.preview, { target: "#preview", swap: "innerHTML" });
  }, 90);
}

function click(event) {
  const link = event.target.closest(".subject a");
  if (!link || !event.detail || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  const row = link.closest("tr");
  if (hasPreview() && row.dataset.seen !== "yes") {
    event.preventDefault();
    for (const other of rows()) delete other.dataset.seen;
    row.dataset.seen = "yes";
    choose(row);
    link.focus();
  }
}

function open(hash = "") {
  const link = current()?.querySelector(".subject a");
  if (link) location.href = link.href + (typeof hash === "string" ? hash : "");
}

function snooze() {
  const link = current()?.querySelector(".subject a");
  if (link) location.href = `${link.href}snooze/?next=${encodeURIComponent(location.pathname + location.search)}`;
}

let last;
function toggle(row) {
  if (!row) return;
  const box = row.querySelector("input[type=checkbox]");
  box.checked = !box.checked;
  last = row;
  count();
}

function toggleTo(row) {
  const all = rows();
  const [from, to] = [all.indexOf(last || row), all.indexOf(row)].sort((a, b) => a - b);
  for (const each of all.slice(from, to + 1)) each.querySelector("input[type=checkbox]").checked = true;
  count();
}

function clear() {
  for (const box of page.querySelectorAll("input[type=checkbox]")) box.checked = false;
  offerAll();
  count();
}

function count() {
  const chosen = boxes().filter((box) => box.checked).length;
  const bar = document.getElementById("bulk");
  bar?.classList.toggle("shown", chosen > 0);
  const label = bar?.querySelector("[data-count]");
  if (label) label.textContent = chosen;
}

// When the whole page is selected, all that the view matches can be; how many is asked then.
async function offerAll() {
  const label = document.querySelector("[data-every]");
  if (!label) return;
  label.hidden = boxes().some((box) => !box.checked);
  if (label.hidden) label.querySelector("input").checked = false;
  const place = label.querySelector("[data-matching]");
  if (label.hidden || place.textContent) return;
  const answer = await fetch(place.dataset.countUrl + location.search);
  if (answer.ok) place.textContent = `(${await answer.text()})`;
}

// Letters act on what is selected, or on the row under the cursor when nothing is.
function gather() {
  if (!boxes().some((box) => box.checked)) {
    const row = current();
    if (!row) return null;
    row.querySelector("input[type=checkbox]").checked = true;
    count();
    return () => {
      row.querySelector("input[type=checkbox]").checked = false;
      count();
    };
  }
  return () => {};
}

function ask(name) {
  const undo = gather();
  const then = (select, goesOn) => {
    if (goesOn) step(1);
    send(select);
  };
  if (undo) pick(document.querySelector(`#bulk select[name=${name}]`), then, undo);
}

function set(name, value) {
  if (!gather()) return;
  const select = document.querySelector(`#bulk select[name=${name}]`);
  select.value = value;
  send(select);
}

function take() {
  const select = document.querySelector("#bulk select[name=assignee]");
  set("assignee", select.dataset.me);
}

function send(select) {
  if (current()) {
    sessionStorage.setItem("row", current().dataset.number);
    sessionStorage.setItem("place", rows().indexOf(current()));
  }
  select.form.requestSubmit();
}

function density(way) {
  document.documentElement.dataset.density = way;
  remember("density", way);
}

function togglePreview() {
  const on = page.classList.toggle("with-preview");
  remember("preview", on ? "on" : "off");
  for (const button of document.querySelectorAll("[data-toggle-preview]")) button.setAttribute("aria-pressed", String(on));
  if (on && current()) choose(current());
}

// The ticket page walks on through this list: where it began, and in which order.
function leaveTrail() {
  const numbers = rows().map((row) => row.dataset.number);
  const name = page.querySelector("h1").textContent.trim();
  sessionStorage.setItem("queue", JSON.stringify({ url: location.pathname + location.search, name, numbers }));
}
