// Reporters' pages, on top of what works without it.
// - [data-count]: − and + change the number; a state ("not held", "unknown") stands in its place, "zero" fills in 0.
//   Each change is announced by a bubbling `change` event, which htmx saves.
// - "The rest is 0" in a long record fills in what is blank.
// - A form is sent once, however often its button is pressed.
// - After a page or a part has arrived, focus goes to what is wrong.
"use strict";

document.documentElement.classList.add("js");

const FULL_WIDTH_ZERO = 0xff10;
const DEVANAGARI_ZERO = 0x966; // Nepali keyboards
const WORDS = new WeakMap(); // what a busy button says at rest
const PATIENCE = 15000; // ms: on a poor line the button may be pressed again; the server takes a report once anyway

/** "１２人" and " 1,200 " as a whole number; null for what is not one. The server reads again, and decides. */
function readCount(text) {
  const plain = text.replace(/[０-９]/g, (d) => String(d.charCodeAt(0) - FULL_WIDTH_ZERO))
    .replace(/[०-९]/g, (d) => String(d.charCodeAt(0) - DEVANAGARI_ZERO)).replace(/[\s,、，人回件日]/g, "");
  return /^\d+$/.test(plain) ? Number(plain) : null;
}

function announce(control) {
  control.dispatchEvent(new Event("change", { bubbles: true }));
}

/** What a count consists of. */
function partsOf(count) {
  return {
    input: count.querySelector(".value input"),
    states: [...count.querySelectorAll(".chips input")],
    stepper: count.querySelector(".stepper"),
    said: count.querySelector(".said"),
  };
}

function showState(count) {
  const { states, stepper, said } = partsOf(count);
  const chosen = states.find((state) => state.checked && state.value !== "zero");
  stepper.classList.toggle("instead", Boolean(chosen));
  // The nodes, not their text: easy Japanese carries readings.
  if (said) said.replaceChildren(...(chosen?.nextElementSibling.cloneNode(true).childNodes ?? []));
}

/** A number was written: no state holds beside it, but "zero" beside 0. */
function numberWritten(count) {
  const { input, states } = partsOf(count);
  if (input.value.trim() === "") return;
  const value = readCount(input.value);
  for (const state of states) state.checked = state.value === "zero" && value === 0;
  showState(count);
}

/** A state was chosen: it alone, and no other number than its own. */
function stateChosen(count, state) {
  const { input, states } = partsOf(count);
  for (const other of states) if (other !== state) other.checked = false;
  if (state.checked) input.value = state.value === "zero" ? "0" : "";
  else if (state.value === "zero") input.value = "";
  showState(count);
}

function step(button) {
  const count = button.closest("[data-count]");
  const { input } = partsOf(count);
  const most = Number(input.dataset.max || Infinity);
  const next = (readCount(input.value) ?? 0) + Number(button.dataset.step);
  input.value = String(Math.min(Math.max(next, 0), most));
  numberWritten(count);
  announce(input);
}

/** "The rest is 0" needs no round trip, so it works without a signal too. The server does the same. */
function restIsZero(button) {
  const blank = [...button.form.querySelectorAll(".small-number input")].filter((input) => input.value.trim() === "");
  for (const input of blank) input.value = "0";
  for (const fold of button.form.querySelectorAll("details.fold")) fold.open = true;
  announce(button.form.querySelector(".small-number input"));
}

document.addEventListener("click", (event) => {
  const zeros = event.target.closest("button[name=action][value=zeros]");
  if (zeros) {
    event.preventDefault();
    restIsZero(zeros);
    return;
  }
  const button = event.target.closest("[data-step]");
  if (button) step(button);
  else event.target.closest(".stepper .value")?.querySelector("input").focus();
});

document.addEventListener("input", (event) => {
  const count = event.target.closest("[data-count]");
  if (count && event.target.closest(".value")) numberWritten(count);
});

// In the capturing phase: the other states are put right before htmx reads the form.
document.addEventListener("change", (event) => {
  const count = event.target.closest("[data-count]");
  if (count && event.target.closest(".chips")) stateChosen(count, event.target);
}, true);

/** A pressed button says so, and keeps its width. The name and value of the button still travel: it is not disabled. */
function busy(form, button) {
  form.dataset.sending = "1";
  setTimeout(() => rest(form), PATIENCE);
  if (!button?.dataset.busy) return;
  button.style.minInlineSize = `${button.offsetWidth}px`;
  button.setAttribute("aria-busy", "true");
  const span = button.querySelector("span");
  WORDS.set(button, [...span.childNodes]);
  span.replaceChildren(button.dataset.busy);
}

function rest(form) {
  delete form.dataset.sending;
  for (const button of form.querySelectorAll("[aria-busy]")) {
    button.removeAttribute("aria-busy");
    button.querySelector("span").replaceChildren(...WORDS.get(button));
  }
}

document.addEventListener("submit", (event) => {
  if (event.target.dataset.sending) {
    event.preventDefault();
    event.stopImmediatePropagation();
    return;
  }
  busy(event.target, event.submitter);
}, true);

document.addEventListener("htmx:finally:request", (event) => {
  const form = event.target.closest?.("form");
  if (form) rest(form);
});
window.addEventListener("pageshow", () => document.querySelectorAll("form[data-sending]").forEach(rest));

/** The error summary, or the result that asks for it, takes the focus. */
function focusResult() {
  document.querySelector("#errors, .banner[autofocus]")?.focus();
}

document.addEventListener("htmx:after:swap", focusResult);
document.addEventListener("DOMContentLoaded", () => {
  document.querySelectorAll("[data-count]").forEach(showState);
  focusResult();
});

// What keeps reports on this phone comes last: the page is complete without it.
window.addEventListener("load", () => {
  for (const address of document.querySelector("#outbox")?.dataset.parts.split(" ") ?? []) {
    const part = document.createElement(address.endsWith(".css") ? "link" : "script");
    if (part.localName === "link") Object.assign(part, { rel: "stylesheet", href: address });
    else Object.assign(part, { async: false, src: address });
    document.head.append(part);
  }
});

// One open menu at a time; a press elsewhere or Escape closes it.
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});
