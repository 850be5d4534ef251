// What an ellipsis cuts off is said in full where somebody points at it.
const told = new WeakSet();

export function startTitles() {
  document.addEventListener("pointerover", (event) => {
    for (let each = event.target; each instanceof HTMLElement; each = each.parentElement) {
      if (told.has(each)) each.removeAttribute("title");
      if (each.title) return;
      if (isCut(each)) return tell(each);
    }
  });
}

function tell(element) {
  element.title = element.value ?? (element.querySelector("a") ?? element).textContent.trim();
  told.add(element);
}

function isCut(element) {
  return element.scrollWidth > element.clientWidth && getComputedStyle(element).textOverflow === "ellipsis";
}
