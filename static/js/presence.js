// Who else looks at a ticket or writes on it, and whether it changed since it was drawn: asked every
// few seconds while the page is in sight.
const EVERY = 4000;
const STILL_TYPING = 8000;
let typedAt = 0;

export function startPresence() {
  const place = document.querySelector("[data-presence]");
  const list = document.querySelector("[data-presence-of-rows]");
  if (!place && !list) return;
  const ask = () => {
    if (document.hidden) return;
    if (place) onTicket(place);
    else onRows(list);
  };
  document.addEventListener("input", (event) => {
    if (!place || !event.target.matches("[data-draft]")) return;
    const began = Date.now() - typedAt > STILL_TYPING;
    typedAt = Date.now();
    if (began) ask(); // the other is told at once, not at the next round
  });
  document.addEventListener("visibilitychange", () => (document.hidden && place ? leave(place) : ask()));
  addEventListener("pagehide", () => place && leave(place));
  setInterval(ask, EVERY);
  ask();
}

async function onTicket(place) {
  const mode = Date.now() - typedAt < STILL_TYPING ? "typing" : "viewing";
  const told = await answer(fetch(place.dataset.presence, { method: "POST", body: said(mode) }));
  if (!told) return;
  const [here] = Object.values(told.people || {});
  const seen = Number(document.querySelector("#composer-state [name=since]").value);
  document.getElementById("news").hidden = !(told.version > seen);
  const words = here?.words || "";
  if (place.textContent !== words) place.textContent = words; // unchanged words are not read again
  place.classList.toggle("typing", here?.mode === "typing");
}

async function onRows(list) {
  const rows = [...list.querySelectorAll("tr[data-number]")];
  if (!rows.length) return;
  const numbers = rows.map((row) => row.dataset.number).join(",");
  const told = await answer(fetch(`${list.dataset.presenceOfRows}?numbers=${numbers}`));
  if (!told) return;
  for (const row of rows) mark(row, told[row.dataset.number]);
}

function mark(row, here) {
  const old = row.querySelector(".presence-mark");
  if (!here) return old?.remove();
  const dot = old || row.querySelector(".subject").insertBefore(document.createElement("span"), row.querySelector(".subject").firstChild);
  dot.className = `presence-mark ${here.mode}`;
  dot.title = here.words;
  const words = document.createElement("span");
  words.className = "hidden-text";
  words.textContent = here.words;
  dot.replaceChildren(words);
}

function leave(place) {
  navigator.sendBeacon(place.dataset.presence, said("gone"));
}

function said(mode) {
  const body = new FormData();
  body.append("csrfmiddlewaretoken", document.querySelector("[name=csrfmiddlewaretoken]").value);
  body.append("mode", mode);
  return body;
}

// A request that fails says nothing: the next one is seconds away.
async function answer(asked) {
  try {
    const got = await asked;
    return got.ok ? await got.json() : null;
  } catch {
    return null;
  }
}
