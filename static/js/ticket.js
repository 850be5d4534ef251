// The ticket page: letters open the field they name, e resolves, the subject is saved when left.
import { bind } from "./keyboard.js";
import { pick } from "./picker.js";
import { settled } from "./settled.js";
import { addTag } from "./tags.js";

export function startTicket() {
  if (!document.querySelector("[data-ticket]")) return;
  const key = (name, act) => bind(name, () => settled(act));
  const ask = (id) => {
    const select = document.getElementById(id);
    if (select && !select.disabled) pick(select);
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
  document.addEventListener("htmx:afterSettle", trail);
  jump();
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
