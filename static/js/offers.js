// Offers under a text field while one types: arrows mark one, Enter or Tab takes it, Escape hides.
const PAUSE = 90;

// `find` gives offers with text and words for what stands in the field, `take` puts a text there.
export function offerUnder(input, list, find, take) {
  let timer;
  let drawn;

  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE);
  };

  async function ask() {
    const text = input.value;
    const offers = await find(text);
    if (!offers || input.value !== text || document.activeElement !== input) return;
    const texts = offers.map((offer) => offer.text).join("\n");
    if (!list.hidden && texts === drawn) return; // what is marked stays so
    drawn = texts;
    list.replaceChildren(...offers.map((offer, place) => line(offer, `${list.id}-${place}`)));
    list.hidden = !offers.length;
    list.scrollTop = 0;
    input.setAttribute("aria-expanded", String(!list.hidden));
    input.removeAttribute("aria-activedescendant");
  }

  function press(event) {
    const all = [...list.children];
    const here = all.findIndex((each) => each.getAttribute("aria-selected") === "true");
    if (event.key === "Escape") {
      event.preventDefault();
      if (list.hidden) input.blur();
      else hide();
    } else if (list.hidden) {
      if (event.key === "ArrowDown") later();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      mark(all, (here + (event.key === "ArrowDown" ? 1 : -1) + all.length) % all.length);
    } else if ((event.key === "Enter" || event.key === "Tab") && here >= 0) {
      event.preventDefault();
      choose(all[here]);
    }
  }

  function mark(all, place) {
    all.forEach((each, index) => each.setAttribute("aria-selected", String(index === place)));
    input.setAttribute("aria-activedescendant", all[place].id);
    all[place].scrollIntoView({ block: "nearest" });
  }

  function choose(offer) {
    hide();
    if (take(offer.dataset.text)) later(); // it goes on
  }

  function hide() {
    clearTimeout(timer);
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }

  input.addEventListener("input", later);
  input.addEventListener("click", later);
  input.addEventListener("keydown", press);
  input.addEventListener("blur", hide);
  list.addEventListener("pointerdown", (event) => {
    event.preventDefault(); // the caret stays in the field
    const offer = event.target.closest("[role=option]");
    if (offer) choose(offer);
  });
}

function line({ text, words }, id) {
  const offer = document.createElement("div");
  offer.className = "offer";
  offer.id = id;
  offer.setAttribute("role", "option");
  offer.setAttribute("aria-selected", "false");
  offer.dataset.text = text;
  const bold = document.createElement("b");
  bold.textContent = text;
  offer.append(bold);
  if (words !== text) {
    const about = document.createElement("span");
    about.textContent = words;
    offer.append(about);
  }
  return offer;
}
