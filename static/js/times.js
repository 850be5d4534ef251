// Keep what is written about time true while a page stays open: ages and what is left of a promise.
const MINUTE = 60, HOUR = 3600, DAY = 86400;
const S = 0, M = 1, H = 2, D = 3; // places in data-units

export function startTimes() {
  setInterval(refresh, 20_000);
  zone();
  document.addEventListener("pointerover", explain);
  document.addEventListener("htmx:afterSettle", zone);
}

function refresh() {
  for (const element of document.querySelectorAll("time[data-ago]")) {
    const seconds = (Date.now() - Date.parse(element.dateTime)) / 1000;
    const words = age(seconds);
    if (words) element.textContent = words;
  }
  for (const element of document.querySelectorAll("[data-due]:not([data-due=''], .paused, .met)")) {
    const left = (Date.parse(element.dataset.due) - Date.now()) / 1000;
    if (left < 0 && !element.classList.contains("late")) {
      element.classList.remove("ok", "warn");
      element.classList.add("late");
    }
    const text = element.lastChild;
    if (text?.nodeType === Node.TEXT_NODE) text.data = (left < 0 ? "−" : "") + span(Math.abs(left));
  }
}

// The whole date of an age or of a promise, when somebody points at it.
function explain(event) {
  const element = event.target.closest?.("time[data-ago], [data-due]");
  const instant = element?.dateTime || element?.dataset.due;
  if (!instant || element.title) return;
  const language = document.documentElement.lang;
  element.title = new Date(instant).toLocaleString(language, { dateStyle: "full", timeStyle: "short" });
}

// Tell a form in which zone its visitor reads times, for people who have not chosen one.
function zone() {
  for (const input of document.querySelectorAll("input[data-zone]")) {
    if (!input.value) input.value = Intl.DateTimeFormat().resolvedOptions().timeZone || "";
  }
  for (const select of document.querySelectorAll("select[data-zone]")) {
    const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
    const zones = [...select.options].map((option) => option.value);
    select.value = zones.find((each) => each === here) ?? zones.find((each) => known(each) === here) ?? select.value;
    delete select.dataset.zone;
  }
}

// The name that the browser gives to a zone: often one of old, as Asia/Calcutta for Asia/Kolkata.
function known(zone) {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: zone }).resolvedOptions().timeZone;
  } catch {
    return null; // newer than the browser
  }
}

function age(seconds) {
  if (seconds < MINUTE) return "";
  if (seconds < HOUR) return unit(seconds / MINUTE, M);
  if (seconds < DAY) return unit(seconds / HOUR, H);
  return seconds < 14 * DAY ? unit(seconds / DAY, D) : "";
}

export function span(seconds) {
  if (seconds < MINUTE) return unit(seconds, S);
  if (seconds < HOUR) return unit(seconds / MINUTE, M);
  if (seconds < DAY) return pair(seconds / HOUR, H, (seconds % HOUR) / MINUTE, M);
  return pair(seconds / DAY, D, (seconds % DAY) / HOUR, H);
}

// The words come translated from the server, as patterns such as “# min”.
const unit = (number, which) => document.documentElement.dataset.units.split("|")[which].replace("#", Math.floor(number));
const pair = (n, big, m, small) => (Math.floor(m) ? `${unit(n, big)} ${unit(m, small)}` : unit(n, big));
