// Sending what waits on the phone. A report leaves the outbox only when the server has answered with its receipt.
// Whatever happens in between (no signal, an answer lost, two tabs, a session that ended), sending it again is safe:
// the server takes one submission_key once. It answers, and this is what follows:
//   303 to the receipt  it has arrived        303 elsewhere  the session has ended: PIN first, the queue stays
//   409, 422, other 4xx a person must look    400, 429, 5xx  later       nothing  no signal, whatever navigator.onLine says
"use strict";

const Outbox = (() => {
  const LINE = 20000; // ms after which a line counts as dead
  const frame = document.querySelector("#outbox");
  const news = "BroadcastChannel" in window ? new BroadcastChannel("reports") : null;
  const listeners = [];

  function ask(address, options = {}) {
    const patience = new AbortController();
    const bell = setTimeout(() => patience.abort(), LINE);
    const request = { cache: "no-store", credentials: "same-origin", ...options, signal: patience.signal };
    return fetch(address, request).finally(() => clearTimeout(bell));
  }

  /** Who is signed in by now, with a token for this sending; or what stands in the way. */
  async function whoAmI() {
    try {
      const answer = await ask(frame.dataset.token);
      if (answer.redirected) return { trouble: "card" };
      return answer.ok ? await answer.json() : { trouble: "later" };
    } catch {
      return { trouble: "offline" };
    }
  }

  async function sendOne(item, token) {
    const body = new URLSearchParams(item.fields);
    body.set("csrf_token", token);
    try {
      const answer = await ask(item.url, { method: "POST", body });
      const { pathname } = new URL(answer.url);
      if (answer.redirected && pathname.endsWith("/receipt/")) {
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        return { arrived: { title: item.title, code: page.querySelector(".code")?.textContent ?? "" } };
      }
      if (answer.redirected) return { trouble: "card" };
      return { trouble: [400, 408, 425, 429].includes(answer.status) || answer.status >= 500 ? "later" : "look" };
    } catch {
      return { trouble: "offline" };
    }
  }

  /** The groups of the card that this page was made for. */
  const groups = () => (frame.dataset.groups ?? "").split(" ");

  /** Is this report of the card that is signed in now? What another card of this phone wrote waits for it. */
  const sendsFor = (me, item) => me.groups.split(" ").includes(item.group);

  /** Everything of the card that is signed in, one after the other; stops at the first trouble of the line. */
  async function sendAll() {
    const outcome = { arrived: [], trouble: "", refused: 0 };
    const waiting = (await Store.items()).filter((item) => item.state !== "look");
    if (!waiting.length && !(await Taps.waiting()).length) return outcome;
    const me = await whoAmI();
    Object.assign(outcome, me.trouble ? { trouble: me.trouble } : await Taps.send(me, ask));
    for (const item of outcome.trouble ? [] : waiting) {
      if (!sendsFor(me, item)) continue;
      const { arrived, trouble } = await sendOne(item, me.token);
      if (arrived) {
        outcome.arrived.push(arrived);
        await Store.dropTyped(`${me.card} ${item.report}`);
        await Store.remove(item.id);
      } else if (trouble === "look") await Store.mark(item.id, "look");
      else {
        outcome.trouble = trouble;
        break;
      }
    }
    return outcome;
  }

  function tell(outcome, elsewhere = false) {
    for (const listener of listeners) listener(outcome);
    if (!elsewhere) news?.postMessage(outcome);
  }

  /** Try to send; one tab at a time. Where locks are unknown the server's key alone does it. */
  async function flush() {
    const outcome = await (navigator.locks ? navigator.locks.request("reports", sendAll) : sendAll());
    tell(outcome);
    return outcome;
  }

  /** A form's own fields, as it would send them. The token is left out: a fresh one is asked for when it goes. */
  function fieldsOf(form) {
    return [...new FormData(form)].filter(([name, value]) => name !== "csrf_token" && typeof value === "string");
  }

  /** Put the report of a form in line. Resolves with its id once it is safe on this phone. */
  function take(form) {
    navigator.storage?.persist?.().catch(() => {});
    return Store.put({
      group: form.dataset.group || frame.dataset.group, // a page about several groups says it at each form
      report: form.dataset.report,
      url: form.dataset.outbox,
      fields: fieldsOf(form),
      title: form.dataset.title,
      text: Words.ofForm(form),
      at: Date.now(),
      state: "waiting",
    });
  }

  news?.addEventListener("message", (event) => tell(event.data, true));
  return { frame, groups, sendsFor, flush, take, tell, whoAmI, fieldsOf, onNews: (listener) => listeners.push(listener) };
})();
