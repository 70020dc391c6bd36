// Numbers as the page writes them, letter by letter as the program does.
import assert from "node:assert/strict";
import { test } from "node:test";

import { matrixTeller, rateTold, told } from "../../web/trace/numbers.js";
import { trace } from "./program.mjs";

// A network of which nothing matters but its input, one row.
function networkOf(row) {
  const weights = row.map(() => [0]);
  return { input: [row], target: [[0]], loss: "huber", rate: 1, layers: [{ weights }] };
}

// The numbers of X in the table that Markdown shows a wide matrix as.
function rowOfProgram(row, precision) {
  const markdown = trace(networkOf(row), "markdown", "--precision", String(precision));
  return markdown.match(/^\| \*\*1\*\* \| (.*) \|$/m)[1].split(" | ");
}

// What lies in the middle of two that can be written, beside what does not; more than ten each.
const FIXED = [0.03125, -0.03125, 0.09375, 0.5, 1.5, 2.5, 0.125, 0.375, 9.5, 99.5, 0.1, 0.25, 1e7 + 0.5, 1 / 3,
  -0.00001, 0, 0.0078125, 0.15, 0.45, 2.675, 1.005, 0.999999, -2.5, 2 ** -18, 1 + 2 ** -17];
const LARGE = [1e8, 1.25e8, 2.5e9, 3.5e9, 100000500000, 100001500000, 9.5e8, 8.5e8, 99999500000, 1.7e308, 5e-324, -1, 0, 0.5, 1e100];
const SMALL = [1e-9, -2.5e-10, 2 ** -40, 2 ** -50, 9.5e-9, 1.00005e-9, 0, 3e-12, 5e-324, 1e-100, 7e-10, 8e-10];

for (const [name, row] of Object.entries({ FIXED, LARGE, SMALL })) {
  for (const precision of [0, 1, 2, 3, 4, 6, 15, 17]) {
    test(`${name.toLowerCase()} numbers with ${precision} decimals`, () => {
      const textOf = matrixTeller({ rows: 1, cols: row.length, data: Float64Array.from(row) }, precision);
      assert.deepEqual(row.map((_, j) => textOf(0, j)), rowOfProgram(row, precision));
    });
  }
}

test("a number alone", () => {
  const cases = [[0.03125, 4, "0.0312"], [0.3, 4, "0.3"], [7, 4, "7"], [100, 2, "100"], [-1e-9, 0, "-1e-09"], [2.5, 0, "2"],
    [1.5e8, 2, "1.50e+08"], [0, 4, "0"]];
  for (const [value, precision, text] of cases) {
    assert.equal(told(value, precision), text);
  }
});

test("the rate", () => {
  for (const rate of [0.1, 1, 0.002, 1e-4, 1e-5, 2.5e-7, 123456789, 1e14, 1e15, 1e300, 1 / 3, 0.1 + 0.2, 999999999999999.5, 1.5e-300]) {
    const text = trace(networkOf([1]), "text", "--rate", String(rate));
    assert.equal(rateTold(rate), text.match(/rate (\S+),/)[1]);
  }
});
