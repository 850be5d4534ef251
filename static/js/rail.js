// The rail slides in on narrow screens.
import { bind } from "./keyboard.js";

export function startRail() {
  const rail = document.getElementById("rail");
  const scrim = document.getElementById("rail-scrim");
  const opener = document.querySelector("[data-open-rail]");
  if (!rail || !opener) return;
  const show = (open) => {
    rail.classList.toggle("open", open);
    scrim.hidden = !open;
    opener.setAttribute("aria-expanded", String(open));
    (open ? rail.querySelector("a, button") : opener).focus();
  };
  opener.addEventListener("click", (event) => {
    event.preventDefault();
    show(true);
  });
  for (const closer of document.querySelectorAll("[data-close-rail]")) closer.addEventListener("click", () => show(false));
  scrim.addEventListener("click", () => show(false));
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && rail.classList.contains("open")) show(false);
  });
  for (const link of rail.querySelectorAll("[data-key]")) {
    bind(`g ${link.dataset.key}`, () => link.click());
  }
}
