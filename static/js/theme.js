// Light, dark or as the system has it: any button with data-set-theme chooses.
import { remember } from "./cookies.js";

export function startTheme() {
  mark(document.documentElement.dataset.theme || "system");
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-set-theme]");
    if (!button) return;
    const theme = button.dataset.setTheme;
    document.documentElement.dataset.theme = theme;
    remember("theme", theme);
    mark(theme);
  });
}

function mark(theme) {
  for (const button of document.querySelectorAll("[data-set-theme]")) {
    button.setAttribute("aria-pressed", String(button.dataset.setTheme === theme));
  }
}
