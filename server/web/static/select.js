// Selecting tasks: a box for all on the page, and a bar that says how many are selected and what can be done with them.
// The live refresh keeps boxes as they are; a row that is gone is no longer selected.
const bar = document.querySelector("[data-selection]");

const boxes = () => [...document.querySelectorAll("[data-select]")];
const all = () => document.querySelector("[data-select-all]");

function sayWhatCanBeDone(chosen) {
  let possible = 0;
  for (const place of document.querySelectorAll("[data-words]")) {
    const [verb, one, many] = place.dataset.words.split("|");
    const states = place.dataset.of.split(" ");
    const fitting = chosen.filter((box) => states.includes(box.dataset.status)).length;
    place.textContent = `${verb} ${fitting} ${many && fitting !== 1 ? many : one}`;
    if (bar.contains(place)) place.closest("button").hidden = fitting === 0;
    possible += fitting;
  }
  bar.querySelector("[data-nothing]").hidden = possible > 0;
}

function count() {
  const every = boxes();
  const chosen = every.filter((box) => box.checked);
  const box = all();
  if (box) {
    box.hidden = false;
    box.checked = chosen.length > 0 && chosen.length === every.length;
    box.indeterminate = chosen.length > 0 && chosen.length < every.length;
  }
  bar.hidden = chosen.length === 0;
  const number = bar.querySelector("[data-count]");
  if (number.textContent !== String(chosen.length)) number.textContent = chosen.length;
  sayWhatCanBeDone(chosen);
}

function select(value) {
  for (const box of boxes()) box.checked = value;
  count();
}

if (bar) {
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-select-all]")) select(event.target.checked);
    else if (event.target.matches("[data-select]")) count();
  });
  bar.querySelector("[data-clear]").addEventListener("click", () => {
    select(false);
    all()?.focus();
  });
  // Rows come and go with each refresh, and tasks that are selected end meanwhile.
  const changes = { childList: true, subtree: true, attributeFilter: ["data-status"] };
  new MutationObserver(count).observe(document.querySelector("[data-live]"), changes);
  count();
}
