// The page's engine against the program: every value of every step.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Script } from "node:vm";

import { ACTIVATION_NAMES } from "../../web/trace/activations.js";
import { LOSS_NAMES } from "../../web/trace/losses.js";
import { matrixFromRows } from "../../web/trace/matrix.js";
import { normalise } from "../../web/trace/normalisation.js";
import { told } from "../../web/trace/numbers.js";
import { outcomeOf } from "../../web/trace/outcome.js";
import { run } from "../../web/trace/run.js";
import { softmax } from "../../web/trace/special.js";
import { networksOf } from "./networks.mjs";
import { failingTrace, namesOf, trace } from "./program.mjs";

const RELATIVE = 1e-12;

function runOf(document) {
  const given = new Map(document.entries.filter((entry) => entry.phase === "given")
    .map((entry) => [entry.name, matrixFromRows(entry.value)]));
  return run({ network: document.network, given, rate: document.rate, nSteps: document.steps });
}

// Relative to the element, or to 1e-3 of the largest of its matrix where the element itself is a
// difference of larger numbers.
function assertClose(found, expected, where) {
  const wanted = typeof expected === "number" ? [[expected]] : expected;
  assert.equal(found.rows, wanted.length, where);
  const flat = wanted.flat();
  const largest = Math.max(...flat.map(Math.abs));
  flat.forEach((x, n) => {
    const bound = RELATIVE * Math.max(Math.abs(x), 1e-3 * largest);
    assert.ok(Math.abs(found.data[n] - x) <= bound, `${where}[${n}]: ${found.data[n]}, expected ${x}`);
  });
}

function assertSameRun(document) {
  const result = runOf(document);
  assert.equal(result.overflow, null);
  const nameOf = (entry) => (entry.phase === "update" ? `new ${entry.name}` : entry.name);
  let nValues = 0;
  for (const entry of document.entries) {
    if (entry.phase !== "given") {
      const { values } = result.stepAt(entry.step);
      const where = `${document.network.description}: step ${entry.step}, ${nameOf(entry)}`;
      assert.ok(values.has(nameOf(entry)), where);
      assertClose(values.get(nameOf(entry)), entry.value, where);
      nValues++;
    }
  }
  // Nothing beyond the trace either: X, Y and parameters are in every step's values.
  const ofProgram = document.entries.filter((entry) => entry.step === 1).length;
  const nGiven = document.entries.filter((entry) => entry.step === 0).length;
  assert.equal(result.stepAt(1).values.size, ofProgram + nGiven);
  assert.ok(nValues > 0);
}

test("the modules put together are one script, in which no name is taken twice", () => {
  const page = trace(null, "html");
  const script = page.slice(page.lastIndexOf("<script>") + "<script>".length, page.lastIndexOf("</script>"));
  assert.ok(script.includes("outcomeOf") && !/^(import|export) /m.test(script));
  assert.doesNotThrow(() => new Script(script));
  // Functions may be declared twice without an error; the second would replace the first.
  const names = [...script.matchAll(/^(?:function|class|const|let) (\w+)/gm)].map((match) => match[1]);
  assert.deepEqual(names.filter((name, n) => names.indexOf(name) !== n), []);
});

test("the page has the words of every value, however large the rate", () => {
  const network = { input: [[1]], target: [[1]], loss: "binary-cross-entropy", rate: 1.7e308, layers: [
    { weights: [Array(16).fill(0.1)], activation: "sigmoid" }, { weights: Array(16).fill([0.1]), bias: [0] }] };
  const entriesOf = (html) => JSON.parse(html.match(/id="trace">(.*?)<\/script>/s)[1]).entries.map(({ name }) => name);
  const large = entriesOf(failingTrace(network, "html").output);
  assert.deepEqual(large, entriesOf(trace({ ...network, rate: 1 }, "html")));
});

test("the engine knows the program's activations and losses", () => {
  assert.deepEqual(namesOf("activation").sort(), [...ACTIVATION_NAMES].sort());
  assert.deepEqual(namesOf("loss").sort(), [...LOSS_NAMES].sort());
});

test("the worked example, three steps", () => {
  assertSameRun(JSON.parse(trace(null, "json", "--steps", "3")));
});

for (const network of networksOf(namesOf("activation"), namesOf("loss"))) {
  test(network.description, () => {
    assertSameRun(JSON.parse(trace(network, "json", "--steps", "3")));
  });
}

test("a row of equal sums is normalised to the shift, exactly", () => {
  const shift = matrixFromRows([[2, -3, 0.5]]);
  const z = matrixFromRows([[0.1, 0.1, 0.1], [0.7, 0.7, 0.7]]);
  assert.deepEqual([...normalise(z, matrixFromRows([[1, 1, 1]]), shift).data], [2, -3, 0.5, 2, -3, 0.5]);
});

test("softmax of a very long row", () => {
  assert.equal(softmax(new Float64Array(200000))[0], 1 / 200000);
});

test("an overflow is named with its step", () => {
  const cases = [
    [null, ["--rate", "0.05", "--steps", "50"]],
    [null, ["--rate", "1e300"]],
    [{ input: [[1e200]], target: [[0]], loss: "half-sum-of-squares", rate: 1, layers: [{ weights: [[1e100]] }] }, []],
    [{ input: [[1e200]], target: [[0]], loss: "half-sum-of-squares", rate: 1, layers: [{ weights: [[1e200]] }] }, []],
    [{ input: [[1]], target: [[-1.7e308]], loss: "mean-absolute-error", rate: 1, layers: [{ weights: [[1.7e308]] }] }, []],
  ];
  for (const [network, options] of cases) {
    const { output, errors, status } = failingTrace(network, "json", ...options);
    assert.equal(status, 1);
    const document = JSON.parse(output);
    const { overflow } = runOf(document);
    const nSteps = document.steps;
    const where = overflow.step > nSteps ? `after step ${nSteps}` : `step ${overflow.step}`;
    assert.equal(overflow.step, document.result.overflow_step);
    assert.ok(errors.startsWith(`descent: ${where}, ${overflow.name.replace("new ", "")}:`), errors);
  }
});

test("the closing sentence is the program's", () => {
  const cases = [[null, []], [null, ["--steps", "40", "--rate", "0.0033"]], [null, ["--rate", "0.005", "--steps", "3"]],
    [null, ["--steps", "3000"]], [null, ["--steps", "200"]], [null, ["--rate", "0.05", "--steps", "50"]], [null, ["--rate", "1e300"]],
    [{ input: [[1]], target: [[2]], loss: "huber", rate: 1, layers: [{ weights: [[2]] }] }, []],
    [{ input: [[1]], target: [[2]], loss: "huber", rate: 1, layers: [{ weights: [[1.5]] }] }, []],
    [{ input: [[1]], target: [[0.3]], loss: "huber", rate: 1, layers: [{ weights: [[0.1]] }, { weights: [[3]] }] }, []],
    ...networksOf(namesOf("activation"), namesOf("loss")).map((network) => [network, ["--steps", "5"]])];
  const seen = new Set();
  for (const [network, options] of cases) {
    const document = JSON.parse(failingTrace(network, "json", ...options).output);
    const given = new Map(document.entries.filter((entry) => entry.phase === "given")
      .map((entry) => [entry.name, matrixFromRows(entry.value)]));
    const problem = { network: document.network, given, rate: document.rate, nSteps: document.steps };
    const found = outcomeOf(run(problem), problem, (x) => told(x, 4));
    const asProgram = found.replaceAll(" → ", " -> ").replace(/\.$/, "").replace(/^[EO]/, (c) => c.toLowerCase());
    assert.equal(asProgram.replaceAll("new ", ""), document.result.outcome);
    ["falls by", "to zero", "swings", "grows", "overflow", "no error"].filter((word) => asProgram.includes(word))
      .forEach((word) => seen.add(word));
  }
  assert.equal(seen.size, 6, [...seen].join());
});

test("a long run is computed anew from kept parameters", () => {
  const document = JSON.parse(trace(null, "json", "--steps", "40"));
  const given = new Map(document.entries.filter((entry) => entry.phase === "given")
    .map((entry) => [entry.name, matrixFromRows(entry.value)]));
  const problem = { network: document.network, given, rate: document.rate, nSteps: 40 };
  const whole = run(problem);
  const sparse = run(problem, 100); // 100 numbers: parameters of every fourth step
  assert.deepEqual(sparse.norms, whole.norms);
  for (const step of [1, 2, 7, 40, 41]) {
    assert.deepEqual(sparse.stepAt(step).values, whole.stepAt(step).values);
  }
});
