// What is typed stays on the phone from the first key on; the server keeps it too where there is a signal (htmx).
// Nothing typed is overwritten in silence: where the phone and the server hold different things, the writer chooses.
"use strict";

(() => {
  const form = document.querySelector("form[data-typed]");
  const { frame } = Outbox;
  if (!form || !frame.dataset.card) return;
  const where = `${frame.dataset.card} ${form.dataset.typed}`;
  const saved = document.querySelector("#saved");
  const controls = () => [...form.elements].filter((one) => one.name && one.type !== "hidden" && one.type !== "submit");
  const isTick = (control) => ["checkbox", "radio"].includes(control.type);
  const same = (left, right) => JSON.stringify(left) === JSON.stringify(right);
  const base = written(); // what the server's page said
  let turn = 0;

  function written() {
    return controls().filter((one) => (isTick(one) ? one.checked : one.value)).map((one) => [one.name, one.value]);
  }

  function write(fields) {
    for (const control of controls()) {
      if (isTick(control)) control.checked = fields.some(([name, value]) => name === control.name && value === control.value);
      else control.value = fields.find(([name]) => name === control.name)?.[1] ?? "";
    }
    document.querySelectorAll("[data-count]").forEach(showState);
    form.dispatchEvent(new Event("written"));
  }

  async function keep() {
    turn += 1;
    await Store.keepTyped({ where, fields: written(), base, onServer: false });
  }

  /** The server has it as well; unless more was typed since it was asked. */
  async function onServer(asked) {
    const record = await Store.typed(where);
    if (record && asked === turn) await Store.keepTyped({ ...record, onServer: true });
  }

  form.addEventListener("input", keep);
  form.addEventListener("change", keep);
  // The window hears of it last, after whoever stops it. "Next" may come back with faults: nothing is said then.
  window.addEventListener("submit", (event) => {
    const { name, value } = event.submitter ?? {};
    const keeps = ["copy", "save", "counted"].includes(value) || ["at", "take", "view", "language"].includes(name);
    if (event.target === form && !event.defaultPrevented && keeps) onServer(turn);
  });
  const asked = new WeakMap();
  form.addEventListener("htmx:before:request", (event) => asked.set(event.detail.ctx, turn));
  form.addEventListener("htmx:after:request", (event) => {
    if (event.detail.ctx.response?.status === 200) onServer(asked.get(event.detail.ctx));
  });
  form.addEventListener("htmx:error", () => {
    if (saved && Parts.here()) saved.replaceChildren(Parts.part("on-phone"));
  });

  /** Fields from the phone into the page, and on to the server as if they had just been typed. */
  async function use(fields) {
    write(fields);
    await keep();
    form.dispatchEvent(new Event("change", { bubbles: true }));
  }

  async function begin() {
    const record = await Store.typed(where);
    if (!record) return;
    const kept = document.documentElement.hasAttribute("data-kept");
    if (same(record.fields, base)) return;
    if (kept) {
      write(record.fields);
      await Store.keepTyped({ ...record, onServer: false });
    } else if (record.onServer) await Store.dropTyped(where);
    else if (same(record.base, base)) await use(record.fields);
    else choose(record);
  }

  /** Somebody has written on another phone meanwhile: both are there, and the writer says which. */
  async function choose(record) {
    if (!(await Parts.ready)) return;
    const section = Parts.part("two-writings");
    form.before(section);
    section.addEventListener("click", async (event) => {
      const button = event.target.closest("button");
      if (!button) return;
      section.remove();
      if (button.dataset.use === "phone") await use(record.fields);
      else await Store.dropTyped(where);
    });
  }

  begin();
})();
