// Asks static/js/plausibility.js from Python: a question a line in, an answer a line out (tests/support/node.py).
"use strict";

const Plausibility = require("../../static/js/plausibility.js");

const ANSWERS = {
  figure: ({ value, history, last_year: lastYear, numbers }) => Plausibility.question(value, history, lastYear, numbers),
  report: ({ asks, given }) => Plausibility.questions(asks, given).map(({ field, code }) => [field, code]),
  sentences: ({ asks, given, language }) => Plausibility.questions(asks, given)
    .map((asked) => [asked.field, Plausibility.sentence(asks, asked, Plausibility.formatOf(language))]),
};

require("readline").createInterface({ input: process.stdin }).on("line", (line) => {
  const asked = JSON.parse(line);
  process.stdout.write(`${JSON.stringify(ANSWERS[asked.about](asked))}\n`);
});
