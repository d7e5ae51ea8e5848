// The words of waiting, by the server, in this page's language: fetched once a page, kept by the worker.
"use strict";

const Parts = (() => {
  const frame = document.querySelector("#outbox");
  let page;

  /** Whether they are there. Without them nothing is said, and forms go as they do without JavaScript. */
  const ready = fetch(frame.dataset.words, { credentials: "same-origin" })
    .then((answer) => (answer.ok ? answer.text() : Promise.reject(new Error(String(answer.status)))))
    .then((text) => {
      page = new DOMParser().parseFromString(text, "text/html");
      frame.append(...page.querySelector("[data-part=frame]").childNodes);
      return true;
    })
    .catch(() => false);

  /** A fresh copy of a part. */
  const part = (name) => document.importNode(page.querySelector(`[data-part="${name}"]`).firstElementChild, true);

  return { ready, part, here: () => Boolean(page) };
})();
