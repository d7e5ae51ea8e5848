// The words of waiting, by the server, in this page's language: fetched once a page, kept by the worker.
"use strict";

const Parts = (() => {
  const frame = document.querySelector("#outbox");
  let page;

  const AGAIN = [0, 1000, 4000]; // ms before each try: a line that has just come back drops its first request

  /** Whether they are there. Without them nothing is said, and forms go as they do without JavaScript. */
  const ready = (async () => {
    for (const pause of AGAIN) {
      await new Promise((done) => { setTimeout(done, pause); });
      try {
        const answer = await fetch(frame.dataset.words, { credentials: "same-origin" });
        if (!answer.ok) continue;
        page = new DOMParser().parseFromString(await answer.text(), "text/html");
        frame.append(...page.querySelector("[data-part=frame]").childNodes);
        return true;
      } catch { /* the next try */ }
    }
    return false;
  })();

  /** A fresh copy of a part. */
  const part = (name) => document.importNode(page.querySelector(`[data-part="${name}"]`).firstElementChild, true);

  return { ready, part, here: () => Boolean(page) };
})();
