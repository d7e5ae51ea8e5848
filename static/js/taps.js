// The day counter's presses that have not arrived yet, and the server's last word on its numbers. In a database of its own:
// - taps: {id, term, url, of, key, day, measure, undoes}: pressed, not known to have arrived; sent in their order
// - states: {where, state, drift}: what the server knew (day_pages.state), and how far this phone's clock is off
// `term` is whose they are: a commissioner's own, not the area's; where a card is for several groups, each has its own.
// They go only when the card in use has that term; `of`: the group that they are for, which the server asks of each form.
// The server takes one key once.
"use strict";

const Taps = (() => {
  const MOST = 100; // in one sending
  const within = phoneBase("days", { taps: { keyPath: "id", autoIncrement: true }, states: { keyPath: "where" } });
  const { card, term, terms = "" } = document.querySelector("#outbox").dataset; // the page's own; all of its card's

  const all = () => within("taps", "readonly", (store) => store.getAll());
  /** What waits; nothing where this browser keeps nothing. */
  const waiting = () => all().catch(() => []);
  /** Of this page's term: what its numbers are made of. */
  const here = (tap) => tap.term === term;
  /** Of the card that this page was made for. */
  const mine = (tap) => !term || terms.split(" ").includes(tap.term);
  const put = (tap) => within("taps", "readwrite", (store) => store.add({ ...tap, term }));
  const remove = (ids) => within("taps", "readwrite", (store) => ids.forEach((id) => store.delete(id)));

  const where = (dataSet) => `${card} ${term} ${dataSet}`;
  const state = (dataSet) => within("states", "readonly", (store) => store.get(where(dataSet)));

  /** Numbers fresh from the server, with its clock. */
  function keepState(dataSet, fresh) {
    return within("states", "readwrite", (store) => store.put({ where: where(dataSet), state: fresh, drift: fresh.at - Date.now() }));
  }

  /** `but`: the card whose numbers stay. */
  function dropStates(but) {
    return within("states", "readwrite", dropIf((row) => !but || !row.where.startsWith(`${but} `))).catch(() => {});
  }
  const clear = () => Promise.all([dropStates(), within("taps", "readwrite", (store) => store.clear()).catch(() => {})]);

  /** One of several cards leaves this phone: what was pressed under the others stays. */
  async function clearOf(leaving, terms) {
    await within("states", "readwrite", dropIf((row) => row.where.startsWith(`${leaving} `))).catch(() => {});
    await within("taps", "readwrite", dropIf((tap) => terms.includes(tap.term))).catch(() => {});
  }

  /** One form's presses, as many as go at once. What stands in the way, and how many could not be counted. */
  async function sendSome(taps, token, ask) {
    const body = new URLSearchParams({ csrf_token: token, page_of: taps[0].of });
    for (const tap of taps) body.append("tap", [tap.key, tap.day, tap.measure, tap.undoes].join(" ").trim());
    let told;
    try {
      const answer = await ask(taps[0].url, { method: "POST", body });
      if (answer.redirected) return { trouble: "card" };
      if (!answer.ok) return { trouble: "later" };
      told = await answer.json();
    } catch {
      return { trouble: "offline" };
    }
    const settled = new Set([...told.taken, ...told.refused]);
    if (told.state && here(taps[0])) await keepState(taps[0].dataSet, told.state);
    await remove(taps.filter((tap) => settled.has(tap.key)).map((tap) => tap.id));
    return { trouble: settled.size ? "" : "later", refused: told.refused.length };
  }

  /** Everything of the card that is signed in, in its order; stops at the first trouble. */
  async function send(me, ask) {
    const outcome = { trouble: "", refused: 0 };
    const own = (await waiting()).filter((tap) => me.terms.split(" ").includes(tap.term));
    for (const url of new Set(own.map((tap) => tap.url))) {
      const line = own.filter((tap) => tap.url === url);
      while (line.length && !outcome.trouble) {
        const { trouble, refused = 0 } = await sendSome(line.splice(0, MOST), me.token, ask);
        outcome.trouble = trouble;
        outcome.refused += refused;
      }
    }
    return outcome;
  }

  return { waiting, here, mine, put, state, keepState, dropStates, clear, clearOf, send };
})();
