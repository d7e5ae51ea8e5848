// What makes a form easier to write, on top of what the server's own buttons do. Nothing here needs a round trip, so it
// works without a signal and on kept pages; words and screens are all the server's (docs/adr/0024).
// - one question a screen: back and next, each screen with an address of its own, so that the phone's "back" works too
// - the number of last time, taken in by one touch
// - the size of the text, and whether readings are shown
"use strict";

(() => {
  const root = document.documentElement;
  const form = document.querySelector("form.report");
  const turns = form ? [...form.querySelectorAll(".turn")] : [];
  const enter = form?.querySelector("[data-enter]");
  const first = turns.find((turn) => !turn.hidden);
  const A_YEAR = 31536000; // seconds

  /** Only the last screen leads to the check page; Enter does what the large button of this screen does. */
  function show(turn) {
    for (const one of turns) one.hidden = one !== turn;
    form.querySelector(":scope > [data-no-signal]")?.remove();
    const next = turn.querySelector(":scope > button[name=at]");
    form.querySelector(":scope > .actions").hidden = Boolean(next);
    enter.dataset.enter = next?.value ?? "";
    if (!next) enter.removeAttribute("formaction");
  }

  function inAddress() {
    const place = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    return place && turns.find((turn) => turn.contains(place));
  }

  function go() {
    const turn = inAddress() || first;
    show(turn);
    if (!turn.contains(document.activeElement)) turn.focus({ preventScroll: true });
    turn.scrollIntoView();
  }

  /** One number, because its writer has touched this one. */
  function take(button) {
    const count = button.closest("[data-count]");
    const { input } = partsOf(count);
    input.value = button.dataset.take;
    numberWritten(count);
    announce(input);
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("form.report :is(button[name=at], button[name=take], [data-enter])");
    const at = button === enter ? enter?.dataset.enter : button?.value;
    if (!at) return;
    event.preventDefault();
    if (button.name === "take") take(button);
    else location.hash = `at-${at}`;
  });
  if (first) {
    show(first);
    window.addEventListener("hashchange", go);
    if (inAddress()) go();
  }

  function setSize(size) {
    if (size === "standard") delete root.dataset.textSize;
    else root.dataset.textSize = size;
    for (const button of document.querySelectorAll("form.size button")) {
      if (button.value === size) button.setAttribute("aria-current", "true");
      else button.removeAttribute("aria-current");
    }
  }

  document.addEventListener("submit", (event) => {
    if (!event.target.matches("form.size") || !event.submitter) return;
    event.preventDefault();
    const { value } = event.submitter;
    const secure = location.protocol === "https:" ? "; secure" : "";
    document.cookie = `text_size=${value}; max-age=${A_YEAR}; path=/; samesite=lax${secure}`;
    setSize(value);
    rest(event.target);
    event.target.querySelector("details").open = false;
  });
  /** Another language from the menu takes along what is typed, as the form's own button does. */
  document.addEventListener("submit", (event) => {
    const { target, submitter } = event;
    if (!form || !target.matches("form.choose:not(.size)") || !submitter) return;
    if (root.hasAttribute("data-kept") || !navigator.onLine) return;
    event.preventDefault();
    form.append(Object.assign(document.createElement("input"), { type: "hidden", name: submitter.name, value: submitter.value }));
    form.submit();
  });

  // A page that the phone keeps has the size of the day on which it was kept.
  if (root.hasAttribute("data-kept")) setSize(/(?:^|; )text_size=(\w+)/.exec(document.cookie)?.[1] ?? "standard");

  const readings = document.querySelector("#furigana");
  try {
    if (readings && localStorage.getItem("furigana") === "off") readings.checked = false;
    readings?.addEventListener("change", () => localStorage.setItem("furigana", readings.checked ? "on" : "off"));
  } catch { /* this browser keeps nothing: they are shown on the next page again */ }
})();
