// Short sentences that come and go: the server's messages, refusals and lost connections.
const SECONDS = 6;
const LONG = 15; // while something can be undone

export function startToasts() {
  for (const toast of document.querySelectorAll(".toast")) expire(toast);
  document.addEventListener("htmx:afterSwap", () => {
    for (const toast of document.querySelectorAll(".toast:not([data-seen])")) expire(toast);
  });
  document.addEventListener("htmx:sendError", () => say(words("offline"), "danger"));
  document.addEventListener("htmx:responseError", (event) => {
    if (event.detail.xhr.status === 403 || event.detail.xhr.status === 401) say(words("signedOut"), "danger");
    else say(words("failed"), "danger");
  });
}

export function say(sentence, tone = "") {
  const box = document.getElementById("toasts");
  const toast = document.createElement("div");
  toast.className = `toast ${tone}`;
  toast.textContent = sentence;
  box.append(toast);
  expire(toast);
}

// Sentences come translated from the server, as data attributes of the box.
export const words = (name) => document.getElementById("toasts")?.dataset[name] || "";

function expire(toast) {
  toast.dataset.seen = "";
  const seconds = toast.matches(".with-undo") ? LONG : SECONDS;
  let timer = setTimeout(() => toast.remove(), seconds * 1000);
  toast.addEventListener("pointerenter", () => clearTimeout(timer));
  toast.addEventListener("pointerleave", () => (timer = setTimeout(() => toast.remove(), 2000)));
}
