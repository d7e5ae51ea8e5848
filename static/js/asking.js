// Where a form can't be checked by the server: its gentle questions, each beside its number. The fields are the check
// page's own (a part of the server's), inside the form, so that the answers travel with the report. Nothing is stopped.
"use strict";

const Asking = (() => {
  const shown = new WeakSet(); // forms that have been asked once: from then on a changed number asks anew
  const controlOf = (form, code) => form.querySelector(`input[name="m-${code}"]:not([type=checkbox], [type=radio])`);
  const here = (form) => [...form.querySelectorAll("fieldset.question")];

  /** What stands in a form, by measure. A number that can't be read is unknown here; the server says so later. */
  function given(form, fields) {
    const found = {};
    for (const { code } of fields) {
      const text = controlOf(form, code)?.value.trim();
      if (text === undefined) continue;
      const value = text ? readCount(text) : null;
      const state = form.querySelector(`[name="m-${code}_state"]:checked`)?.value ?? "";
      found[code] = { value, state: state || (text && value === null ? "unknown" : "") };
    }
    return found;
  }

  /** The check page's question as a part of this form: its names, its words, the answer that was given before. */
  function build(form, asks, asked, before) {
    const part = Parts.part("question");
    const said = Plausibility.sentence(asks, asked, Plausibility.formatOf(document.documentElement.lang));
    const words = new DOMParser().parseFromString(said, "text/html").body;
    part.dataset.of = asked.field;
    part.dataset.said = said;
    part.querySelector("[data-words]").replaceChildren(...words.childNodes);
    if (asked.rule) for (const reasons of part.querySelectorAll("[data-reasons]")) reasons.remove();
    part.querySelector("a").hash = `m-${asked.field}`;
    for (const control of part.querySelectorAll("input")) {
      control.name += asked.field;
      control.checked = before.includes(`${control.name}=${control.value}`);
    }
    return part;
  }

  function refresh(form) {
    const asks = JSON.parse(form.dataset.asks);
    const wanted = Plausibility.questions(asks, given(form, asks.fields));
    const standing = new Map(here(form).map((part) => [part.dataset.of, part]));
    for (const asked of wanted) {
      const old = standing.get(asked.field);
      standing.delete(asked.field);
      const answers = old ? [...old.querySelectorAll(":checked")].map((one) => `${one.name}=${one.value}`) : [];
      const part = build(form, asks, asked, answers);
      if (old?.dataset.said === part.dataset.said) continue; // the same question: what has the focus keeps it
      old?.remove();
      controlOf(form, asked.field).closest(".field, .small-number").after(part);
      const fold = part.closest("details");
      if (fold) fold.open = true;
    }
    for (const part of standing.values()) part.remove();
    mark(form);
  }

  /** Beside 送る: that something is asked further up. It may be sent all the same. */
  function mark(form) {
    const [first] = here(form);
    const said = form.querySelector("[data-no-signal] [data-asked]");
    if (!said) return;
    said.hidden = !first;
    if (first) said.querySelector("a").hash = `m-${first.dataset.of}`;
  }

  /** Ask what there is to ask; the first question, or null. */
  function show(form) {
    if (!form.dataset.asks || !Parts.here()) return null;
    if (!shown.has(form)) {
      shown.add(form);
      for (const kind of ["change", "written"]) {
        form.addEventListener(kind, (event) => event.target.closest?.("fieldset.question") || refresh(form));
      }
    }
    refresh(form);
    return here(form)[0] ?? null;
  }

  return { show };
})();
