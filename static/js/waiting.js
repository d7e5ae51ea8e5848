// The line that says what waits on this phone, and what the buttons of reporters' forms do without a signal.
// Words and parts are the server's (reporting/parts.html); here they are shown, hidden and counted.
"use strict";

const Waiting = (() => {
  const { frame } = Outbox;
  const AGAIN = "#again="; // the worker leads back to a kept page with it: this form could not be sent
  const SLOW = 2500; // ms after which the page says that a report is on its way
  const NEWS = "arrived"; // what the first page has to tell after it was read anew
  const EVERY = 60000; // ms between tries while a page is open
  const mine = (item) => Outbox.groups().includes(item.group) || !frame.dataset.group;
  const kept = () => document.documentElement.hasAttribute("data-kept");
  const leftOut = "signedOut" in frame.dataset;
  let arrived = [];
  let refused = 0;
  let trouble = "";
  let retry;

  function show(name, visible) {
    for (const part of frame.querySelectorAll(`[data-when~="${name}"]`)) part.hidden = !visible;
  }

  function say(name, words) {
    for (const place of frame.querySelectorAll(`[data-say="${name}"]`)) place.textContent = words;
  }

  /** The reports that a person must look at: one part each, made from the page's own template. */
  function list(items) {
    const pattern = frame.querySelector("template");
    frame.querySelector("[data-list]").replaceChildren(...items.map((item) => {
      const part = pattern.content.cloneNode(true);
      part.querySelector("[data-title]").textContent = item.title;
      for (const button of part.querySelectorAll("button")) button.dataset.id = item.id;
      return part;
    }));
  }

  async function render() {
    if (!Parts.here()) return;
    const all = await Store.items();
    const own = all.filter(mine);
    const looks = own.filter((item) => item.state === "look");
    const line = own.filter((item) => item.state !== "look");
    const taps = await Taps.waiting(); // of the day counter
    const counted = taps.filter(Taps.mine);
    const number = own.length + counted.length;
    const others = all.length + taps.length - number;
    say("number", number);
    say("others", others);
    say("refused", refused);
    say("codes", arrived.map(({ title, code }) => [title, code].filter(Boolean).join(" ")).join("、"));
    frame.querySelector("textarea").value = own.map((item) => item.text).join("\n\n");
    list(frame.dataset.group ? looks : []);
    show("some", number > 0);
    show("reports", own.length > 0);
    show("taps", !own.length);
    show("line", line.length + counted.length > 0 && trouble !== "card" && !leftOut);
    show("card", number > 0 && (trouble === "card" || leftOut));
    show("look", looks.length > 0 && Boolean(frame.dataset.group));
    show("text", own.length > 0 && Boolean(frame.dataset.group));
    show("others", others > 0);
    show("refused", refused > 0);
    show("arrived", arrived.length > 0);
    for (const place of frame.querySelectorAll("[data-signed-in]")) place.hidden = leftOut;
    show("kept", kept() && !line.length);
    show("apple", number > 0 && forgetful());
    markCards(new Set(line.map((item) => item.report)));
    frame.hidden = !(all.length || taps.length || refused || arrived.length || kept());
    clearTimeout(retry);
    if (line.length + counted.length && !leftOut) retry = setTimeout(Outbox.flush, EVERY);
  }

  /** On the first page: the report that is due waits on this phone, and is not asked for once more. */
  function markCards(reports) {
    for (const card of document.querySelectorAll("[data-waits]")) {
      for (const mark of card.querySelectorAll("[data-waits-mark]")) mark.remove();
      card.classList.toggle("waits", reports.has(card.dataset.waits));
      if (!reports.has(card.dataset.waits)) continue;
      const link = Parts.part("waits-link");
      link.firstElementChild.href = card.querySelector(".actions a").href;
      card.prepend(Parts.part("waits"));
      card.append(link);
    }
  }

  /** Safari on iPhone and iPad drops what a site keeps after a week without a visit, unless it is on the home screen. */
  function forgetful() {
    const apple = /iPhone|iPad|iPod/.test(navigator.userAgent) || (/Macintosh/.test(navigator.userAgent) && navigator.maxTouchPoints > 1);
    return apple && !navigator.standalone && !matchMedia("(display-mode: standalone)").matches;
  }

  /** 送る was pressed: safe on the phone first, then on its way. The form goes by itself where a person must look. */
  async function send(form) {
    let id;
    try {
      id = await Outbox.take(form);
    } catch {
      return form.submit(); // this browser keeps nothing: as without JavaScript
    }
    const slow = setTimeout(render, SLOW); // as a rule it has arrived by then, and nothing needs saying
    await Outbox.flush();
    clearTimeout(slow);
    const item = (await Store.items()).find((one) => one.id === id);
    if (!item) return location.assign(form.dataset.outbox.replace(/send(?=\?|$)/, "receipt/"));
    if (item.state === "look") return form.submit();
    await render();
    rest(form);
    back(form);
    frame.querySelector("[data-focus]").focus();
    return undefined;
  }

  /** The form as it was before "no signal". */
  function back(form) {
    const section = form.querySelector("[data-no-signal]");
    if (!section) return;
    section.remove();
    form.querySelector(":scope > .actions").hidden = false;
  }

  /** A form that needs the next page (check, did not meet) and can't have it: send it from here, or look first. */
  function withoutSignal(form) {
    rest(form);
    const actions = form.querySelector(":scope > .actions");
    if (!actions) return send(form); // did not meet: one touch
    if (!actions.hidden) actions.before(Parts.part("no-signal"));
    actions.hidden = true;
    (Asking.show(form) ?? form.querySelector("[data-no-signal]")).focus();
    return undefined;
  }

  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (event.defaultPrevented || !form.dataset.outbox || !Parts.here()) return;
    if ("sends" in form.dataset) {
      event.preventDefault();
      await send(form);
    } else if (kept() || !navigator.onLine) {
      event.preventDefault();
      const { trouble: found } = navigator.onLine ? await Outbox.whoAmI() : { trouble: "offline" };
      if (found === "offline" || found === "later") withoutSignal(form);
      else {
        if (event.submitter?.name) form.append(hidden(event.submitter.name, event.submitter.value));
        form.submit();
      }
    }
  });

  function hidden(name, value) {
    return Object.assign(document.createElement("input"), { type: "hidden", name, value });
  }

  /** Where a person must look: the stored fields go to the server as they are, and its own page answers. */
  async function look(id) {
    const item = (await Store.items()).find((one) => one.id === id);
    const me = await Outbox.whoAmI();
    if (!item || me.trouble || !Outbox.sendsFor(me, item)) {
      trouble = me.trouble ?? "card";
      return render();
    }
    const form = Object.assign(document.createElement("form"), { method: "post", action: item.url });
    form.append(...item.fields.map(([name, value]) => hidden(name, value)), hidden("csrf_token", me.token));
    document.body.append(form);
    form.submit();
    return undefined;
  }

  const PRESSED = {
    now: async (button) => {
      button.setAttribute("aria-busy", "true");
      await Outbox.flush();
      button.removeAttribute("aria-busy");
    },
    later: (button) => send(button.form),
    look: (button) => look(Number(button.dataset.id)),
    drop: async (button) => {
      await Store.remove(Number(button.dataset.id));
      Outbox.tell({ arrived: [], trouble });
    },
    copy: async (button) => {
      const area = frame.querySelector("textarea");
      area.select();
      await navigator.clipboard?.writeText(area.value).catch(() => {});
      button.nextElementSibling.hidden = false;
    },
  };
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-do]");
    if (button) PRESSED[button.dataset.do]?.(button);
  });

  Outbox.onNews((outcome) => {
    arrived = [...arrived, ...outcome.arrived];
    refused += outcome.refused ?? 0;
    trouble = outcome.trouble;
    if (!trouble && outcome.arrived.length) document.documentElement.removeAttribute("data-kept");
    if (outcome.arrived.length && location.pathname === frame.dataset.home && !leftOut) readAnew();
    else render();
  });

  /** The first page still says that this report is due: it is fetched again, and tells what has arrived. */
  function readAnew() {
    sessionStorage.setItem(NEWS, JSON.stringify(arrived));
    location.reload();
  }

  window.addEventListener("online", () => Outbox.flush());
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && Outbox.flush());

  async function begin() {
    if (!(await Parts.ready)) return;
    arrived = JSON.parse(sessionStorage.getItem(NEWS) ?? "[]");
    sessionStorage.removeItem(NEWS);
    if (!leftOut) await Outbox.flush();
    await render();
    if (!location.hash.startsWith(AGAIN)) return;
    const path = decodeURIComponent(location.hash.slice(AGAIN.length));
    history.replaceState(null, "", location.pathname + location.search);
    const form = [...document.querySelectorAll("form[data-outbox]")].find((one) => one.getAttribute("action") === path);
    if (form) withoutSignal(form);
  }

  begin();
  return { render };
})();
