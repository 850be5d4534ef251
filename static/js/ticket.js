// The ticket page: letters open the field they name, e resolves, the subject is saved when left.
import { bind } from "./keyboard.js";
import { pick } from "./picker.js";

export function startTicket() {
  if (!document.querySelector("[data-ticket]")) return;
  const ask = (id) => {
    const select = document.getElementById(id);
    if (select && !select.disabled) pick(select);
  };
  bind("a", () => ask("field-assignee"));
  bind("s", () => ask("field-status"));
  bind("c", () => ask("field-category"));
  bind("p", () => ask("field-priority"));
  bind("t", () => ask("field-team"));
  bind("m", () => document.getElementById("take")?.requestSubmit());
  bind("e", () => document.getElementById("resolve")?.requestSubmit());
  bind("j", () => go("next"));
  bind("k", () => go("previous"));
  bind("u", () => go("back"));
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

// Begin at the first unread word, or at the end.
function jump() {
  const place = document.querySelector(".unread-line") || document.querySelector(".timeline > :last-child");
  if (location.hash.length < 2 || location.hash === "#reply" || location.hash === "#note") {
    place?.scrollIntoView({ block: place.matches(".unread-line") ? "start" : "end" });
  }
}
