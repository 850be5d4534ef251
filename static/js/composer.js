// The composer: reply or note, a draft kept on the server, ctrl+enter, undo while there is time.
import { bind } from "./keyboard.js";
import { words } from "./toasts.js";

const QUIET = 800;

export function startComposer() {
  bind("r", () => write("reply"));
  bind("n", () => write("note"));
  bind("w", () => document.getElementById("third-party")?.click());
  bind("ctrl+enter", (event) => {
    const form = event.target.closest?.("form[data-composer]");
    if (!form) return false;
    form.requestSubmit(form.querySelector("button.primary[type=submit]"));
    return true;
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-quote]");
    if (button) quote(button);
    const leaving = event.target.closest("#third-party")?.closest("form");
    if (leaving?.draftTimer) keep(leaving); // what was typed a moment ago, too
  });
  document.addEventListener("input", (event) => {
    if (event.target.matches("[data-draft]")) later(event.target.form);
  });
  document.addEventListener("change", (event) => {
    const form = event.target.form;
    if (event.target.name === "kind" && form?.matches("[data-composer]")) change(form);
  });
  document.addEventListener("submit", (event) => {
    if (event.target.matches("[data-composer]")) clearTimeout(event.target.draftTimer);
  });
  setInterval(countDown, 500);
  if (location.hash === "#reply" || location.hash === "#note") write(location.hash.slice(1));
}

function write(kind) {
  const form = document.querySelector("form[data-composer]");
  if (!form) return;
  const choice = form.querySelector(`[name=kind][value=${kind}]`);
  if (choice && !choice.checked) {
    choice.checked = true;
    change(form);
  }
  const text = form.querySelector("[data-draft]");
  text.focus();
  text.setSelectionRange(text.value.length, text.value.length);
}

// The quote stands behind what was written; what the customer does not read turns it to a note.
async function quote(button) {
  const form = document.querySelector("form[data-composer]");
  const chosen = form.querySelector("[name=kind]:checked").value;
  button.closest("details").open = false;
  const answer = await fetch(`${button.dataset.quote}?kind=${chosen}`);
  if (!answer.ok) return;
  const { kind, text } = await answer.json();
  write(kind);
  const field = form.querySelector("[data-draft]");
  const before = field.value.trimEnd();
  field.value = before ? `${before}\n\n${text}` : text;
  field.setSelectionRange(field.value.length, field.value.length);
  field.scrollTop = field.scrollHeight;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

// Each kind has its own words: those of the other are kept aside and come back with it.
function change(form) {
  const text = form.querySelector("[data-draft]");
  const kind = form.querySelector("[name=kind]:checked").value;
  const other = kind === "note" ? "reply" : "note";
  form.dataset[`kept${other}`] = text.value;
  text.value = form.dataset[`kept${kind}`] || "";
  text.placeholder = text.dataset[kind];
  text.setAttribute("aria-label", text.dataset[kind]);
}

function later(form) {
  state(form, "");
  clearTimeout(form.draftTimer);
  form.draftTimer = setTimeout(() => keep(form), QUIET);
}

async function keep(form) {
  const body = new FormData();
  for (const name of ["csrfmiddlewaretoken", "body"]) body.append(name, form.elements[name].value);
  body.append("kind", form.querySelector("[name=kind]:checked").value);
  try {
    const answer = await fetch(form.dataset.draftUrl, { method: "POST", body, keepalive: true });
    state(form, answer.ok ? words("draftKept") : words("draftLost"));
  } catch {
    state(form, words("draftLost"));
  }
}

function state(form, sentence) {
  const place = form.querySelector("[data-draft-state]");
  if (place) place.textContent = sentence;
}

// The button to take a reply back says how many seconds are left, then goes.
function countDown() {
  for (const form of document.querySelectorAll("[data-undo-until]")) {
    const left = Math.ceil((Date.parse(form.dataset.undoUntil) - Date.now()) / 1000);
    if (left <= 0) form.remove();
    else form.querySelector("[data-seconds]").textContent = left;
  }
}
