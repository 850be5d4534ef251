// The wall board: it rests while nobody can see it, says when it is out of date, and fills the screen.
const OLD = 75_000; // two rounds without news, in milliseconds

const board = document.querySelector("[data-board]");
let fresh = Date.now();

board.addEventListener("htmx:beforeRequest", (event) => {
  if (document.hidden) event.preventDefault();
});
// Whoever is signed out is led elsewhere: that is no board.
board.addEventListener("htmx:beforeSwap", (event) => {
  if (new URL(event.detail.xhr.responseURL).pathname === event.detail.pathInfo.requestPath.split("?")[0]) return;
  event.detail.shouldSwap = false;
  stale();
});
board.addEventListener("htmx:afterSwap", () => (fresh = Date.now()));
for (const failure of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) {
  board.addEventListener(failure, (event) => {
    event.stopPropagation(); // a wall needs no toasts
    stale();
  });
}
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) window.htmx.trigger(board, "refresh");
});
setInterval(() => {
  if (!document.hidden && Date.now() - fresh > OLD) stale();
}, 5_000);

const button = document.querySelector("[data-fullscreen]");
button.hidden = !document.fullscreenEnabled;
button.addEventListener("click", () => {
  if (document.fullscreenElement) document.exitFullscreen();
  else document.documentElement.requestFullscreen();
});

function stale() {
  board.querySelector("[data-stale]").hidden = false;
}
