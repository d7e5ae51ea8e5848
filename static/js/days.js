// The day counter, on its own page and on the first one: what the server knows (data-state) and what waits on this phone,
// added up. A press counts at once, waits in the outbox and is sent a moment later; without a signal it waits longer.
// The page may be an old one that was kept: "today" is the city's day by the server's clock, not the day the page was made.
"use strict";

(() => {
  const PAUSE = 500; // ms after the last press before what was pressed is sent
  const SLOW = 2500; // ms after which the page says that something waits
  const DAY = 86400000;
  const { frame } = Outbox;
  const root = () => document.querySelector("[data-days]");
  if (!root() || !frame.dataset.card) return;
  const { days: dataSet, zone, back, day: made } = root().dataset;
  const lang = document.documentElement.lang;
  const spoken = new Intl.NumberFormat(lang, { numberingSystem: "latn" });
  let state = JSON.parse(root().dataset.state);
  let drift = state.at - Date.now();
  let waiting = [];
  let putting = Promise.resolve();
  let ready = false;
  let bell;

  /** A day of the city's as "2026-11-05": today, or so many days before. */
  const cityDay = (before = 0) => new Intl.DateTimeFormat("sv-SE", { timeZone: zone }).format(Date.now() + drift - before * DAY);
  /** What waits and has not arrived, as far as is known here. */
  const fresh = () => waiting.filter((tap) => !state.known.includes(tap.key));

  /** What stands of a day, press by press: [[key, measure]]. */
  function standing(day) {
    const own = fresh();
    const undone = new Set(own.map((tap) => tap.undoes));
    const added = own.filter((tap) => tap.day === day && !tap.undoes).map((tap) => [tap.key, tap.measure]);
    return [...(state.days[day] ?? []), ...added].filter(([key]) => !undone.has(key));
  }

  function monthOf(day) {
    const month = day.slice(0, 7);
    const sums = { ...state.months[month]?.sums };
    const active = new Set(state.months[month]?.days);
    const own = fresh().filter((tap) => tap.day.startsWith(month));
    for (const tap of own) sums[tap.measure] = (sums[tap.measure] ?? 0) + (tap.undoes ? -1 : 1);
    for (const one of new Set([...Object.keys(state.days).filter((name) => name.startsWith(month)), ...own.map((tap) => tap.day)])) {
      if (standing(one).length) active.add(one);
      else if (state.days[one]) active.delete(one);
    }
    return { sums, active: active.size };
  }

  const total = (numbers) => Object.values(numbers).reduce((sum, number) => sum + number, 0);

  function write(place, number) {
    if (place) place.textContent = spoken.format(number);
  }

  function render() {
    const day = cityDay(Number(back));
    const onDay = {};
    for (const [, measure] of standing(day)) onDay[measure] = (onDay[measure] ?? 0) + 1;
    const { sums, active } = monthOf(day);
    for (const row of root().querySelectorAll("[data-measure]")) {
      const { measure } = row.dataset;
      write(row.querySelector("[data-on-day]"), onDay[measure] ?? 0);
      write(row.querySelector("[data-in-month]"), row.querySelector("button") ? sums[measure] ?? 0 : active);
    }
    for (const fold of root().querySelectorAll("details.fold")) {
      const rows = [...fold.querySelectorAll("[data-measure]")];
      write(fold.querySelector("[data-sum]"), rows.reduce((sum, row) => sum + (onDay[row.dataset.measure] ?? 0), 0));
    }
    write(root().querySelector("[data-total=today]"), total(onDay));
    write(root().querySelector("[data-total=month]"), total(sums));
    showLast(standing(day).at(-1)?.[1], onDay);
    nameDays(day);
  }

  /** The press that would be taken back. */
  function showLast(measure, onDay) {
    const bar = root().querySelector(".undo");
    if (!bar) return;
    const name = measure && root().querySelector(`[data-measure="${CSS.escape(measure)}"] [data-name]`);
    bar.querySelector("[data-none]").hidden = Boolean(name);
    for (const part of [bar.querySelector("[data-last]"), bar.querySelector("button")]) part.hidden = !name;
    if (!name) return;
    bar.querySelector("[data-what]").replaceChildren(...name.cloneNode(true).childNodes);
    write(bar.querySelector("[data-now]"), onDay[measure]);
  }

  /** On a page from another day: the day and the month by their names. Those of a page of today are the server's. */
  function nameDays(day) {
    if (!made || day === made) return;
    const at = (before) => new Date(Date.now() + drift - before * DAY);
    for (const place of root().querySelectorAll("[data-day-name]")) {
      const format = { timeZone: zone, month: "short", day: "numeric", weekday: "short" };
      place.textContent = at(Number(place.dataset.dayName)).toLocaleDateString(lang, format);
    }
    for (const place of root().querySelectorAll("[data-month-name]")) {
      place.textContent = at(Number(back)).toLocaleDateString(lang, { timeZone: zone, month: "long" });
    }
  }

  /** What lies on the phone by now; the newest word of the server's. */
  async function read() {
    await putting;
    waiting = (await Taps.waiting()).filter((tap) => Taps.here(tap) && tap.dataSet === dataSet);
    const stored = await Taps.state(dataSet);
    if (stored && stored.state.at >= state.at) ({ state, drift } = stored);
    render();
  }

  function press(measure, undo) {
    const day = cityDay(Number(back));
    const last = undo ? standing(day).at(-1) : undefined;
    if (undo && !last) return;
    const key = [...crypto.getRandomValues(new Uint8Array(12))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    const { send: url, of } = root().dataset;
    const tap = { key, day, measure: last?.[1] ?? measure, undoes: last?.[0] ?? "", dataSet, url, of };
    waiting.push(tap);
    render();
    putting = putting.then(() => Taps.put(tap)).catch(() => postAtOnce(tap));
    if (!frame.hidden) putting.then(Waiting.render);
    clearTimeout(bell);
    bell = setTimeout(send, PAUSE);
  }

  /** The phone is full: as without a script. */
  function postAtOnce({ key, day, measure, undoes }) {
    const form = root().querySelector("[data-taps]");
    const value = [key, day, measure, undoes].join(" ").trim();
    form.append(Object.assign(document.createElement("input"), { type: "hidden", name: "tap", value }));
    form.submit();
  }

  async function send() {
    await putting;
    const slow = setTimeout(Waiting.render, SLOW);
    await Outbox.flush();
    clearTimeout(slow);
  }

  // Before anybody else hears of it: neither htmx nor "pressed already" has a say where the phone counts itself.
  document.addEventListener("submit", (event) => {
    if (!ready || !("taps" in event.target.dataset)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    rest(event.target);
    press(event.submitter.value.split(" ")[2], event.submitter.id === "undo");
  }, true);

  // A press from before this script was ready went by htmx: the part that came back knows more than this script does.
  document.addEventListener("htmx:after:swap", () => {
    state = JSON.parse(root().dataset.state);
    if (ready) Taps.keepState(dataSet, state);
    render();
  });

  Outbox.onNews(read);
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && read());

  async function begin() {
    try {
      const stored = await Taps.state(dataSet);
      const kept = document.documentElement.hasAttribute("data-kept");
      if (kept && stored && stored.state.at >= state.at) ({ state, drift } = stored);
      else if (kept) drift = stored?.drift ?? 0;
      else await Taps.keepState(dataSet, state);
      await read();
      ready = true;
      document.documentElement.classList.add("counts");
    } catch { /* this browser keeps nothing: each press goes to the server by itself */ }
  }

  begin();
})();
