// Staff pages, on top of what works without it.
// - A queue is a table [data-queue]: j and k move, Enter or o opens, x chooses a row. The row's first link is its target.
// - [data-key="a"] on a link or button: that key presses it (a approve, r ask back, u take back), in the current row
//   or, where there is none, on the page. A row that is decided upon is put in place, and the next one is current.
// - "/" goes to the search field, "?" opens the list of keys.
// - [data-chosen] shows how many rows are chosen; [data-all] chooses all that may be approved together.
"use strict";

document.documentElement.classList.add("js");

const rows = () => [...document.querySelectorAll("[data-queue] tbody tr")];
const current = () => document.querySelector("[data-queue] tr[aria-current]");

function moveTo(row) {
  current()?.removeAttribute("aria-current");
  row.setAttribute("aria-current", "true");
  row.querySelector("a")?.focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
}

function move(by) {
  const all = rows();
  if (!all.length) return;
  const at = all.indexOf(current());
  moveTo(all[at < 0 ? 0 : Math.min(Math.max(at + by, 0), all.length - 1)]);
}

function showChosen() {
  const count = document.querySelectorAll("[data-queue] tbody input[type=checkbox]:checked").length;
  document.querySelectorAll("[data-chosen]").forEach((place) => { place.textContent = String(count); });
  document.querySelectorAll("[data-bulk]").forEach((bar) => { bar.hidden = count === 0; });
}

function choose(row) {
  const box = row?.querySelector("input[type=checkbox]");
  if (!box) return;
  box.checked = !box.checked;
  showChosen();
}

function press(key) {
  const row = current();
  const outside = [...document.querySelectorAll(`[data-key="${key}"]`)].find((one) => !one.closest("[data-queue]"));
  const target = row?.querySelector(`[data-key="${key}"]`) ?? outside;
  if (row && target?.closest("tr") === row) waits = row;
  target?.click();
}

let waits = null; // the row that was decided upon by key, until the answer stands in its place

// The row was approved: the next one is current. Its approval was taken back: it is current again.
function goOn() {
  const fresh = waits && document.getElementById(waits.id);
  if (!fresh || fresh === waits) return;
  waits = null;
  const approved = !fresh.querySelector('[data-key="a"]');
  moveTo((approved && fresh.nextElementSibling) || fresh);
}

function showKeys() {
  const keys = document.querySelector("[data-keys]");
  if (!keys) return;
  keys.open = !keys.open;
  if (keys.open) keys.querySelector("summary").focus();
}

function writing(target) {
  return target.matches("textarea, select, input:not([type=checkbox]):not([type=radio])") || target.isContentEditable;
}

const KEYS = {
  j: () => move(1),
  k: () => move(-1),
  o: () => current()?.querySelector("a")?.click(),
  x: () => choose(current()),
  a: () => press("a"),
  r: () => press("r"),
  u: () => press("u"),
  "/": () => document.querySelector("input[type=search]")?.focus(),
  "?": showKeys,
};

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") closeMenus(null);
  if (event.ctrlKey || event.metaKey || event.altKey || writing(event.target)) return;
  const act = KEYS[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-all]")) {
    document.querySelectorAll("[data-queue] tbody input[type=checkbox]").forEach((box) => { box.checked = event.target.checked; });
  }
  if (event.target.matches("input[type=checkbox]")) showChosen();
});

function closeMenus(except) {
  for (const menu of document.querySelectorAll("details.menu[open]")) if (!menu.contains(except)) menu.open = false;
}
document.addEventListener("click", (event) => closeMenus(event.target));

// A form is sent once, however often its button is pressed.
document.addEventListener("submit", (event) => {
  if (event.target.dataset.sending) {
    event.preventDefault();
    event.stopImmediatePropagation();
  } else if (event.target.method === "post") event.target.dataset.sending = "1";
}, true);
document.addEventListener("htmx:finally:request", (event) => {
  delete event.target.closest?.("form")?.dataset.sending;
});
window.addEventListener("pageshow", () => {
  document.querySelectorAll("form[data-sending]").forEach((form) => { delete form.dataset.sending; });
});

document.addEventListener("htmx:after:swap", () => {
  showChosen();
  goOn();
  document.querySelector("#errors, .banner[autofocus]")?.focus();
});
document.addEventListener("DOMContentLoaded", showChosen);

// A keying grid is a table [data-grid]: Enter goes down, and cells copied from a spreadsheet fill from here on.
const cellsOf = (row) => [...row.querySelectorAll("td > input:not([type=checkbox])")];

function below(cell, rows = 1) {
  const at = cellsOf(cell.closest("tr")).indexOf(cell);
  let row = cell.closest("tr");
  for (let step = 0; row && step < rows; step += 1) row = row.nextElementSibling;
  return row ? cellsOf(row)[at] : null;
}

function fill(cell, text) {
  const lines = text.replace(/\r?\n$/, "").split(/\r?\n/).map((line) => line.split("\t"));
  for (const [down, values] of lines.entries()) {
    const first = below(cell, down);
    if (!first) return;
    const cells = cellsOf(first.closest("tr"));
    values.forEach((value, right) => {
      const target = cells[cells.indexOf(first) + right];
      if (target) target.value = value.trim();
    });
    first.dispatchEvent(new Event("change", { bubbles: true })); // each row is kept by itself
  }
}

document.addEventListener("keydown", (event) => {
  const cell = event.target.closest?.("[data-grid] td > input:not([type=checkbox])");
  if (!cell || event.isComposing || !["Enter", "ArrowDown", "ArrowUp"].includes(event.key)) return;
  event.preventDefault();
  const next = event.key === "ArrowUp" ? cell.closest("tr").previousElementSibling : cell.closest("tr").nextElementSibling;
  const target = next && cellsOf(next)[cellsOf(cell.closest("tr")).indexOf(cell)];
  if (target) target.focus(); else cell.blur();
});
document.addEventListener("focusin", (event) => {
  if (event.target.matches("[data-grid] td > input:not([type=checkbox])")) event.target.select(); // typing replaces
});
document.addEventListener("paste", (event) => {
  const cell = event.target.closest?.("[data-grid] td > input:not([type=checkbox])");
  const text = event.clipboardData?.getData("text/plain") ?? "";
  if (!cell || !/[\t\n]/.test(text)) return;
  event.preventDefault();
  fill(cell, text);
});

// [data-copy="id"]: copies what stands in that field, and says so in the words of data-copied.
document.addEventListener("DOMContentLoaded", () => {
  document.querySelectorAll("[data-copy]").forEach((button) => { button.hidden = false; });
});
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const field = document.getElementById(button.dataset.copy);
  field.select();
  try {
    await navigator.clipboard.writeText(field.value);
  } catch {
    if (!document.execCommand("copy")) return; // no https: the older way, else it stays selected
  }
  button.querySelector("span").textContent = button.dataset.copied;
});
