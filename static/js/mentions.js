// Colleagues in a note: @ at the start of a word opens the list, Enter puts the name into the text.
import { pick } from "./picker.js";

export function startMentions() {
  document.addEventListener("input", (event) => {
    const text = event.target;
    if (event.data === "@" && text.matches("[data-draft]") && isNote(text.form) && opensWord(text)) offer(text, 1);
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-open-mentions]");
    if (button) offer(button.form.querySelector("[data-draft]"), 0);
  });
}

const isNote = (form) => form.querySelector("[name=kind]:checked")?.value === "note";

// The caret stands behind an @ that begins its word: an address has letters before it.
const opensWord = (text) => /(^|[\s(])@$/.test(text.value.slice(0, text.selectionStart));

// The name takes the place of the @ that was typed, or stands at the caret.
function offer(text, typed) {
  const select = text.form.querySelector("[data-mentions]");
  if (!select) return;
  const [from, to] = [text.selectionStart - typed, text.selectionEnd];
  const put = ({ value }) => {
    text.focus();
    text.setRangeText(`@${value} `, from, to, "end");
    text.dispatchEvent(new Event("input", { bubbles: true }));
    select.value = "";
  };
  pick(select, put, () => text.focus());
}
