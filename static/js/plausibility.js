// Gentle questions without a signal: what portal/domain/plausibility.py and the rules of measures.py ask, by the same
// numbers, which come with the page (data-asks, portal/reporting/asking.py), in the page's own words.
// Pure: nothing of a page is touched here. tests/data/plausibility_cases.json holds both sides to one table of cases.
"use strict";

const Plausibility = (() => {
  const HOLDS = {
    "<=": (left, right) => left <= right,
    "<": (left, right) => left < right,
    "=": (left, right) => left === right,
    ">=": (left, right) => left >= right,
    ">": (left, right) => left > right,
    needs: (left, right) => left <= 0 || right > 0,
  };

  function median(values) {
    const sorted = [...values].sort((one, other) => one - other);
    const middle = Math.floor(sorted.length / 2);
    return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  /** How much a group's figures waver: the module's words in Python say why so. */
  function spread(history, numbers) {
    const usual = median(history);
    const byItself = Math.sqrt(Math.max(usual, 1));
    if (usual < numbers.small) return byItself;
    return Math.max(byItself, numbers.mad_to_sigma * median(history.map((value) => Math.abs(value - usual))));
  }

  function codeOf(value, history, numbers) {
    const usual = median(history);
    if (usual >= 1 && value >= numbers.tenfold * usual && value >= numbers.small) return "ten_times";
    if (usual >= numbers.small && value > 0 && value <= usual / numbers.tenfold) return "a_tenth";
    if (history.length < numbers.enough_months) return null;
    if (value === 0 && Math.min(...history) > 0) return "zero_for_once";
    if (Math.abs(value - usual) <= numbers.far * spread(history, numbers)) return null;
    return value > usual ? "more_than_usual" : "less_than_usual";
  }

  const likeLastYear = (value, lastYear, numbers) => lastYear !== null
    && Math.abs(value - lastYear) <= numbers.far * Math.sqrt(Math.max(lastYear, 1));

  /** Which question to ask about one figure, or null. `history`: the earlier figures, the oldest first. */
  function question(value, history, lastYear, numbers) {
    if (!history.length) return null;
    const code = codeOf(value, history, numbers);
    return code && !likeLastYear(value, lastYear ?? null, numbers) ? code : null;
  }

  /** What one side of a rule comes to; null where a term of it is missing or unknown. */
  function sideOf(terms, amounts, figures) {
    const values = terms.map((term) => (/^\d+$/.test(term) ? Number(term) : figures[term] ?? amounts[term] ?? null));
    return values.includes(null) ? null : values.reduce((sum, value) => sum + value, 0);
  }

  /** The two sides of a rule that does not hold; null where it does, or can't be judged. */
  function broken(rule, amounts, figures) {
    const [left, right] = [rule.left, rule.right].map((side) => sideOf(side.terms, amounts, figures));
    return left === null || right === null || HOLDS[rule.op](left, right) ? null : { left, right };
  }

  /**
   * What each answer counts for, as the server reads it. `given`: {code: {value, state}}, value null where no number is
   * written. "Not held" as the first answer settles what is blank.
   */
  function amountsOf(fields, given) {
    const amounts = {};
    const counted = {}; // a number or a 0; "not held" adds 0 to a sum and is asked nothing
    const notHeld = (field) => {
      const { value = null, state = "" } = given[field.code] ?? {};
      return state === "not_held" || (value === 0 && !state && !field.states.includes("zero") && field.states.includes("not_held"));
    };
    for (const field of fields) {
      const { value = null, state = "" } = given[field.code] ?? {};
      const blank = value === null && !state;
      if (blank ? notHeld(fields[0]) && field.states.includes("not_held") : notHeld(field)) amounts[field.code] = 0;
      else if (state === "zero" || (!state && value !== null)) counted[field.code] = amounts[field.code] = value ?? 0;
    }
    return { amounts, counted };
  }

  /** Everything to ask about a report: [{field, code, …}], one question a field, in the form's order. */
  function questions(asks, given) {
    const { amounts, counted } = amountsOf(asks.fields, given);
    const found = {};
    for (const rule of asks.rules) {
      const [field] = rule.left.terms;
      const sides = found[field] ? null : broken(rule, amounts, asks.figures);
      if (sides) found[field] = { field, code: rule.op, rule, ...sides };
    }
    for (const { code: field, history = [], last_year: lastYear } of asks.fields) {
      if (found[field] || !(field in counted)) continue;
      const code = question(counted[field], history, lastYear, asks.numbers);
      if (code) found[field] = { field, code, value: counted[field] };
    }
    return asks.fields.map((field) => found[field.code]).filter(Boolean);
  }

  const filled = (pattern, places) => pattern.replace(/%\((\w+)\)s/g, (_all, name) => places[name]);

  /** The question in the page's words, as HTML of the server's. `format`: a number in the page's language. */
  function sentence(asks, asked, format) {
    if (asked.rule) {
      const side = (name) => filled(asked.rule[name].said, { number: format(asked[name]) });
      return filled(asks.words[asked.code], { left: side("left"), right: side("right") });
    }
    const { label, before, unit, history } = asks.fields.find((field) => field.code === asked.field);
    const typical = median(history);
    // Where last time was like this time, its figure would not say what is asked about.
    const near = 2 * Math.abs(asked.value - history.at(-1)) < Math.abs(asked.value - typical);
    const [now, usual] = [asked.value, Math.floor(typical + 0.5)].map((value) => filled(unit, { number: format(value) }));
    return filled(asks.words[asked.code] ?? asks.words[near ? "usually" : "unusual"], { label, before, usual, now });
  }

  /** Numbers as the server writes them: this language's grouping, ASCII digits. */
  function formatOf(language) {
    return new Intl.NumberFormat(language, { numberingSystem: "latn", maximumFractionDigits: 3 }).format;
  }

  return { question, questions, broken, spread, sentence, formatOf };
})();

if (typeof module !== "undefined") module.exports = Plausibility;
