// Menus are <details class="menu">: one open at a time, Escape and a click outside close, arrows move.
export function startMenus() {
  document.addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
    const opener = event.target.closest("[data-open-dialog]");
    if (opener) document.getElementById(opener.dataset.openDialog)?.showModal();
    if (event.target.closest("[data-close-dialog]")) event.target.closest("dialog")?.close();
    if (event.target.matches("dialog")) event.target.close();
  });
  document.addEventListener("keydown", (event) => {
    const menu = event.target.closest?.("details.menu[open]");
    if (!menu) return;
    if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      menu.open = false;
      menu.querySelector("summary").focus();
    }
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (event.target.matches("input, select, textarea")) return;
      event.preventDefault();
      step(menu, event.key === "ArrowDown" ? 1 : -1);
    }
  });
}

function step(menu, by) {
  const items = [...menu.querySelectorAll(".menu-item")];
  const here = items.indexOf(document.activeElement);
  items[(here + by + items.length) % items.length]?.focus();
}
