// The worker, and what it is asked to keep; what goes when somebody leaves.
"use strict";

(() => {
  const { frame } = Outbox;
  const { card, home, offline, words } = frame.dataset;
  const kept = document.documentElement.hasAttribute("data-kept");

  /** The first page and the forms of the due and the next month, in this language, for this card. */
  async function keepPages(arrived) {
    const registration = await navigator.serviceWorker.ready;
    registration.active.postMessage({ card, home, shared: [offline, words], arrived });
  }

  if (!card && !kept && "signedOut" in frame.dataset) {
    Store.dropPages(); // nobody is signed in: no page may be shown
    Taps.dropStates();
  }
  if (card && !kept) Taps.dropStates(card); // as with pages: one card's are never another's to read
  if ("serviceWorker" in navigator && card) {
    navigator.serviceWorker.register(frame.dataset.worker, { scope: home }).catch(() => {}); // the next page tries again
    if (!kept) keepPages("fresh" in frame.dataset);
    Outbox.onNews(({ arrived }) => arrived.length && keepPages(true));
  }

  /** Signing out: asked first where something waits, then nothing stays. Where other cards stay on the phone, the form
      says whose things go (data-signs-out: the card, then its groups and terms). */
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (event.defaultPrevented || !("signsOut" in form.dataset) || !Parts.here()) return;
    event.preventDefault();
    const [leaving, ...whose] = form.dataset.signsOut.split(" ");
    const waits = [...(await Store.items()).map((item) => item.group), ...(await Taps.waiting()).map((tap) => tap.term)];
    const waiting = waits.filter((owner) => !leaving || whose.includes(owner)).length;
    if (waiting && !(await agreed(form, waiting))) {
      rest(form);
      return;
    }
    if (leaving) await Promise.all([Store.clearOf(leaving, whose), Taps.clearOf(leaving, whose)]);
    else await Promise.all([Store.clear(), Taps.clear()]);
    form.submit();
  });

  function agreed(form, waiting) {
    const dialog = document.querySelector("#ask-sign-out") ?? Parts.part("ask");
    document.querySelector("main").append(dialog);
    dialog.querySelector("[data-number]").textContent = waiting;
    dialog.returnValue = "";
    dialog.showModal();
    return new Promise((resolve) => {
      dialog.addEventListener("close", () => {
        rest(dialog.querySelector("form"));
        resolve(dialog.returnValue === "leave");
      }, { once: true });
    });
  }
})();
