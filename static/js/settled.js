// A fast typist's next change waits until the ticket page shows the one before.
export function settled(act) {
  const busy = document.querySelector("#ticket :is(.htmx-request, .htmx-swapping, .htmx-settling)");
  if (busy) requestAnimationFrame(() => settled(act));
  else act();
}
