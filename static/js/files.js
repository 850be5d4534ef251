// Files by choosing, dropping or pasting, each uploaded at once with its progress and sent with the form as an id.
import { say, words } from "./toasts.js";

export function startFiles() {
  for (const form of document.querySelectorAll("form[data-upload]")) attach(form);
  document.addEventListener("htmx:afterSettle", () => {
    for (const form of document.querySelectorAll("form[data-upload]:not([data-files-ready])")) attach(form);
  });
}

function attach(form) {
  form.dataset.filesReady = "";
  const input = form.querySelector("input[type=file]");
  const list = form.querySelector("[data-files]");
  if (!input || !list) return;
  const add = (files) => [...files].forEach((file) => send(form, list, file));
  input.addEventListener("change", () => {
    add(input.files);
    input.value = "";
  });
  form.addEventListener("paste", (event) => {
    if (!event.clipboardData.files.length) return;
    event.preventDefault();
    add(event.clipboardData.files);
  });
  const zone = form.querySelector("[data-drop]") || form;
  let depth = 0;
  form.addEventListener("dragenter", (event) => {
    if (!event.dataTransfer.types.includes("Files")) return;
    depth += 1;
    zone.classList.add("over");
  });
  form.addEventListener("dragleave", () => {
    depth -= 1;
    if (depth <= 0) zone.classList.remove("over");
  });
  form.addEventListener("dragover", (event) => event.preventDefault());
  form.addEventListener("drop", (event) => {
    event.preventDefault();
    depth = 0;
    zone.classList.remove("over");
    add(event.dataTransfer.files);
  });
  list.addEventListener("click", (event) => {
    event.target.closest("[data-remove-file]")?.closest(".file").remove();
  });
  form.addEventListener("submit", (event) => {
    if (!list.querySelector("progress")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    say(words("uploading"));
  }, true);
}

function send(form, list, file) {
  const row = document.getElementById("file-row").content.firstElementChild.cloneNode(true);
  row.querySelector(".name").textContent = file.name || "image.png";
  const progress = row.querySelector("progress");
  const request = new XMLHttpRequest();
  row.querySelector("[data-remove-file]").addEventListener("click", () => request.abort());
  request.upload.addEventListener("progress", (event) => {
    if (event.lengthComputable) progress.value = event.loaded / event.total;
  });
  request.addEventListener("load", () => finish(row, progress, request, list));
  request.addEventListener("error", () => fail(row, progress, words("offline")));
  request.open("POST", form.dataset.upload);
  request.setRequestHeader("X-CSRFToken", form.querySelector("[name=csrfmiddlewaretoken]").value);
  request.setRequestHeader("Accept", "application/json");
  const body = new FormData();
  body.append("file", file, file.name || "image.png");
  request.send(body);
  list.append(row);
}

function finish(row, progress, request, list) {
  const answer = parse(request.responseText);
  if (request.status !== 201 || !answer.id) return fail(row, progress, answer.detail || words("failed"));
  const hidden = document.createElement("input");
  hidden.type = "hidden";
  hidden.name = list.dataset.files || "uploads";
  hidden.value = answer.id;
  progress.replaceWith(hidden);
  row.querySelector(".size").textContent = answer.size;
  list.dispatchEvent(new Event("change", { bubbles: true }));
}

function fail(row, progress, sentence) {
  progress.remove();
  row.classList.add("failed");
  row.querySelector(".size").textContent = sentence;
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}
