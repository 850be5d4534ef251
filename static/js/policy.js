// The form of a policy: a table that is filled like a spreadsheet, lists that are narrowed by typing.
document.addEventListener("keydown", (event) => {
  const cell = event.target.closest?.("[data-cell]");
  if (!cell || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
  if (!step || (step[1] && !atEdge(cell, step[1]))) return;
  const next = neighbour(cell, ...step);
  if (!next) return;
  event.preventDefault();
  next.focus();
  next.select();
});

document.addEventListener("paste", (event) => {
  const cell = event.target.closest?.("[data-cell]");
  const text = event.clipboardData?.getData("text/plain").replace(/[\r\n]+$/, "") || "";
  if (!cell || !/[\t\n]/.test(text)) return;
  event.preventDefault();
  const lines = text.split(/\r?\n/).map((line) => line.split("\t"));
  const grid = rows(cell); // what is folded away is left alone
  const [top, left] = place(grid, cell);
  lines.forEach((line, down) => line.forEach((word, right) => {
    const to = grid[top + down]?.[left + right];
    if (to) to.value = word.trim();
  }));
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy-row]");
  if (!button) return;
  const cells = [...button.closest("tr").querySelectorAll("[data-cell]")];
  const from = cells.find((cell) => cell === last) || cells.find((cell) => cell.value.trim());
  const value = (from?.value.trim() ? from : cells.find((cell) => cell.value.trim()))?.value;
  if (value) for (const cell of cells) cell.value = value;
});

// The cell that was last written in is the one that is copied.
let last = null;
document.addEventListener("focusin", (event) => {
  if (event.target.matches("[data-cell]")) last = event.target;
});

// What is chosen, said in the line that folds it away.
document.addEventListener("change", (event) => {
  const fold = event.target.closest(".condition");
  if (fold) tell(fold);
});
document.addEventListener("input", (event) => {
  if (event.target.matches("[data-narrow]")) narrow(event.target);
});

function tell(fold) {
  const words = [...fold.querySelectorAll("input:checked")].map((box) => box.closest("label").textContent.trim());
  for (const field of fold.querySelectorAll("select, input[type=text]")) {
    if (field.value) words.push(field.selectedOptions?.[0].textContent || field.value);
  }
  const said = fold.querySelector("[data-chosen]");
  said.textContent = words.join(", ") || said.dataset.none;
  said.className = words.length ? "chosen" : "faint";
}

function narrow(input) {
  const wanted = input.value.trim().toLowerCase();
  for (const label of input.closest(".condition-body").querySelectorAll("label.check")) {
    label.hidden = !label.textContent.toLowerCase().includes(wanted) && !label.querySelector("input").checked;
  }
}

// Every line of the table that can be seen, as its cells.
function rows(cell) {
  return [...cell.closest("table").querySelectorAll("tbody tr")]
    .filter((row) => row.offsetParent !== null || row.getClientRects().length)
    .map((row) => [...row.querySelectorAll("[data-cell]")])
    .filter((cells) => cells.length);
}

function place(grid, cell) {
  const top = grid.findIndex((cells) => cells.includes(cell));
  return [top, grid[top].indexOf(cell)];
}

function neighbour(cell, down, right) {
  const grid = rows(cell);
  const [top, left] = place(grid, cell);
  return grid[top + down]?.[left + right];
}

// The cursor leaves a cell sideways only from its end, so that words can still be corrected.
const atEdge = (cell, right) =>
  cell.selectionStart === 0 && cell.selectionEnd === cell.value.length ||
  cell.selectionStart === cell.selectionEnd && cell.selectionEnd === (right > 0 ? cell.value.length : 0);
