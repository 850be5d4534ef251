// The ticket page: letters open the field they name, e resolves, the subject is saved when left.
// What changed is said to who does not see it, and the focus is never lost.
import { bind, isByKeys } from "./keyboard.js";
import { pick } from "./picker.js";
import { settled } from "./settled.js";
import { addTag } from "./tags.js";

export function startTicket() {
  if (!document.querySelector("[data-ticket]")) return;
  const key = (name, act) => bind(name, () => settled(act));
  const ask = (id) => {
    const select = document.getElementById(id);
    if (select && !select.disabled) pick(select, change);
  };
  bind("a", () => ask("field-assignee"));
  bind("s", () => ask("field-status"));
  bind("c", () => ask("field-category"));
  bind("p", () => ask("field-priority"));
  bind("t", () => ask("field-team"));
  key("l", () => {
    const field = document.getElementById("field-tags");
    addTag(document.getElementById("pick-tag"), field, () => field.form.requestSubmit());
  });
  key("m", () => document.getElementById("take")?.requestSubmit());
  key("shift+m", () => document.getElementById("merge")?.click());
  key("h", () => document.getElementById("snooze")?.click());
  key("e", () => document.getElementById("resolve")?.requestSubmit());
  key("j", () => go("next"));
  key("k", () => go("previous"));
  key("u", () => go("back"));
  bind("shift+u", () => document.querySelector("form[action$='/unread/']")?.requestSubmit());
  document.addEventListener("change", (event) => {
    if (event.target.id === "field-status") hold(event.target);
  });
  document.addEventListener("keydown", (event) => {
    const field = event.target;
    if (!field.matches?.(".subject-input")) return;
    if (event.key === "Enter") {
      event.preventDefault();
      field.blur();
    }
    if (event.key === "Escape") {
      field.value = field.defaultValue;
      field.blur();
    }
  });
  document.addEventListener("focusout", (event) => {
    const field = event.target;
    if (field.matches(".subject-input") && field.value !== field.defaultValue) field.form.requestSubmit();
  });
  trail();
  let before = fields();
  document.addEventListener("htmx:beforeSwap", () => (fold = folds().indexOf(document.activeElement.closest(".side-fold"))));
  document.addEventListener("htmx:afterSettle", (event) => {
    trail();
    if (event.detail.requestConfig?.elt?.id === "news") show(event.detail.requestConfig.elt);
    before = tell(before);
    holdFocus();
  });
  jump();
  if (isByKeys()) holdFocus();
}

// The chosen value, then, when one goes on, the next ticket: unless there is something to read or write first.
function change(select, goesOn) {
  select.dispatchEvent(new Event("change", { bubbles: true }));
  if (!goesOn) return;
  settled(() => {
    if (!document.querySelector("#ticket-head :is([role=alert], #hold-reason:not([hidden]))")) go("next");
  });
}

const fields = () => new Map([...document.querySelectorAll(".pills select")].map((field) => [field.labels[0].textContent, field.selectedOptions[0].text]));

// Say which of the quick fields stand differently now, and give how they stand.
function tell(before) {
  const now = fields();
  const changed = [...now].filter(([name, value]) => before.get(name) !== value);
  if (changed.length) document.querySelector("[data-told]").textContent = changed.map((pair) => pair.join(": ")).join(", ");
  return now;
}

// Where the focus went with what was drawn anew, it goes to the head of that part of the side, or
// to the messages, which arrows then scroll.
let fold = -1;
const folds = () => [...document.querySelectorAll("#side .side-fold")];
function holdFocus() {
  if (document.activeElement !== document.body) return;
  const head = folds()[fold]?.querySelector("summary");
  (head || document.querySelector(".talk-scroll")).focus({ preventScroll: true });
}

const go = (where) => document.querySelector(`[data-go=${where}]`)?.click();

// A hold needs its reason first: show the box instead of sending.
function hold(select) {
  const reason = document.getElementById("hold-reason");
  if (select.value === "on_hold" && reason) {
    reason.hidden = false;
    reason.querySelector("input").focus();
  } else {
    select.form.requestSubmit();
  }
}

// Begin with what is new, or else at the end, where the last words stand.
function jump() {
  if (matchMedia("(width < 900px)").matches) return;
  const first = document.getElementById("new");
  if (first && location.hash.length < 2) {
    first.scrollIntoView({ block: "start" });
    return;
  }
  if (location.hash.length < 2 || location.hash === "#reply" || location.hash === "#note") {
    document.querySelector(".timeline > :last-child")?.scrollIntoView({ block: "end" });
  }
}

// What others wrote or set meanwhile has been drawn: begin with it.
function show(news) {
  news.hidden = true;
  document.querySelector(".talk-scroll").focus({ preventScroll: true });
  jump();
}

// Back to the list one came from, and on to its neighbours: “3 of 50”.
function trail() {
  const came = JSON.parse(sessionStorage.getItem("queue") || "null");
  const number = document.querySelector("[data-ticket]").dataset.ticket;
  const here = came ? came.numbers.indexOf(number) : -1;
  if (here < 0) return;
  const back = document.querySelector("[data-go=back]");
  back.href = `${came.url}#t${number}`;
  back.querySelector("[data-queue-name]").textContent = came.name;
  const place = document.querySelector("[data-queue-place]");
  place.hidden = false;
  place.querySelector("[data-place]").textContent = `${here + 1} / ${came.numbers.length}`;
  for (const [where, index] of [["previous", here - 1], ["next", here + 1]]) {
    const link = place.querySelector(`[data-go=${where}]`);
    const other = came.numbers[index];
    if (other) link.href = location.pathname.replace(`/${number}/`, `/${other}/`);
    else link.removeAttribute("href");
  }
}
