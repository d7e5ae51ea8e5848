// A report in words that can be copied or read out on the telephone: what stands beside each number on the page.
"use strict";

const Words = (() => {
  const GAP = /^(ja|zh)/.test(document.documentElement.lang) ? "" : " "; // between a number and its unit

  /** Text as it is read: without readings and without what only screen readers hear. */
  function plain(element) {
    if (!element) return "";
    const copy = element.cloneNode(true);
    for (const extra of copy.querySelectorAll("rt, rp, .vh, .must, .may, svg, .tag")) extra.remove();
    return copy.textContent.replace(/\s+/g, " ").trim();
  }

  /** "開いた回数: 2回" for each answered question of a form. */
  function ofField(field) {
    const given = [...field.querySelectorAll("input:not([type=hidden], [type=checkbox], [type=radio]), select, textarea")]
      .map((control) => control.value.trim() && [control.value.trim(), plain(control.parentElement.querySelector(".unit"))].join(GAP).trim());
    const chosen = [...field.querySelectorAll(":checked")].map((control) => plain(control.closest("label")));
    const said = [...new Set([...given, ...chosen])].filter(Boolean).join(", ");
    return said && `${plain(field.querySelector(".q"))}: ${said}`;
  }

  function ofForm(form) {
    const checked = [...form.querySelectorAll(".facts > div")]
      .map((row) => `${plain(row.querySelector("dt"))}: ${plain(row.querySelector("dd"))}`);
    const typed = [...form.querySelectorAll(".field")].map(ofField);
    const lines = [...checked, ...typed].filter(Boolean);
    return [form.dataset.title, ...(lines.length ? lines : [plain(form.querySelector("button"))])].join("\n");
  }

  return { plain, ofForm };
})();
