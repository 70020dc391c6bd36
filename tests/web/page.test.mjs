// What the page shows, number by number: against the program, and each sum against its number.
import assert from "node:assert/strict";
import { test } from "node:test";

import { valueOfSum } from "./arithmetic.mjs";
import { readRun, readValue, withPage } from "./browser.mjs";
import { networksOf } from "./networks.mjs";
import { failingTrace, namesOf, pageOf, trace } from "./program.mjs";

const DIGITS = ["--precision", "15"];

function assertSameRun(read, document) {
  assert.equal(read.length, document.entries.length);
  document.entries.forEach((entry, n) => {
    const where = `${n}: ${entry.name}`;
    const expected = [entry.value].flat(2);
    assert.equal(read[n].name, entry.name, where);
    assert.equal(read[n].numbers.length, expected.length, where);
    const largest = Math.max(...expected.map(Math.abs));
    read[n].numbers.forEach((text, k) => {
      const bound = 1e-12 * Math.max(Math.abs(expected[k]), 1e-3 * largest) + 1e-14;
      assert.ok(Math.abs(Number(text) - expected[k]) <= bound, `${where}: ${text}, expected ${expected[k]}`);
    });
  });
}

test("stepping through shows every value of the program, and back again", async () => {
  const document = JSON.parse(trace(null, "json", "--steps", "3"));
  await withPage(pageOf(null, "steps", "--steps", "3", ...DIGITS), async (page) => {
    const read = await readRun(page);
    assertSameRun(read, document);
    assert.equal(read.at(-1).kicker, "After step 3: new error");
    assert.equal(read[4].kicker, "Step 1: forward pass");
    assert.equal(read[4].heading, "A1 = X W1");
    for (let n = read.length - 2; n >= 0; n--) {
      await page.locator("#back").click();
      assert.deepEqual(await readValue(page), read[n]);
    }
    assert.ok(await page.locator("#back").isDisabled());
  });
});

test("the sums of the worked example", async () => {
  const expected = {
    A1: "2*2 + 0*0 + 3*1 = 7",
    prediction: "7*1 + 15*3 = 52",
    error: "52 - 50 = 2",
    "spectral norm": "max(4.1306, 0.9684) = 4.1306",
    "Frobenius norm": "sqrt(2*2 + 3*3 + 2*2 + 1*1) = 4.2426",
    loss: "1/2*(2*2 + 3*3 + 2*2 + 1*1) = 9",
    dprediction: "2 = 2",
    dW2: "7*2 + 0*2 = 14",
    dA1: "2*1 + 3*2 = 8",
    dW1: "2*8 + 0*4 = 16",
    W1: "2 - 0.002*16 = 1.968",
  };
  await withPage(pageOf(null, "sums"), async (page) => {
    const read = (await readRun(page, true)).slice(4, 17);
    for (const [name, sum] of Object.entries(expected)) {
      assert.equal(read.find((value) => value.name === name).sums[0], sum);
    }
  });
});

test("pointing at a number shows its sum and marks what enters it", async () => {
  await withPage(pageOf(null, "hover"), async (page) => {
    await page.getByRole("button", { name: "A1", exact: true }).click();
    await page.getByRole("button", { name: "A1, row 1, column 2: 15" }).hover();
    assert.equal(await page.locator(".sum-text").textContent(), "2*3 + 0*1 + 3*3 = 15");
    assert.equal(await page.locator(".sum-place").textContent(), "row 1, column 2 of A1");
    const marked = (name) => page.locator(`.equation .${name}`).evaluateAll((cells) => cells.map((cell) => cell.value));
    assert.deepEqual(await marked("from-first"), ["2", "0", "3"]);
    assert.deepEqual(await marked("from-second"), ["3", "1", "3"]);
  });
});

// Hidden layers have every activation already; the engine's own test has the rest.
const isRepeated = ({ description }) =>
  /^output /.test(description) || (/^normalised /.test(description) && !/identity|gelu|softmax/.test(description));

for (const network of networksOf(namesOf("activation"), namesOf("loss")).filter((n) => !isRepeated(n))) {
  test(`every value and sum: ${network.description}`, async () => {
    const document = JSON.parse(trace(network, "json"));
    await withPage(pageOf(network, "network", ...DIGITS), async (page) => {
      const read = await readRun(page, true);
      assertSameRun(read, document);
      for (const { name, kicker, numbers, sums } of read.filter((value) => value.kicker !== "Given")) {
        const largest = Math.max(...numbers.map((text) => Math.abs(Number(text))));
        sums.forEach((text, n) => {
          const [sum, told] = text.split(/ = (?=\S+$)/);
          const found = valueOfSum(sum);
          assert.equal(Number(told), Number(numbers[n]), `${kicker}, ${name}: ${text}`);
          assert.ok(Math.abs(found - Number(told)) <= 1e-9 * largest + 1e-13, `${kicker}, ${name}: ${text} is ${found}`);
        });
      }
    });
  });
}

test("what is changed is computed anew, as the program would", async () => {
  const network = {
    input: [[2, 0, 3], [0, 1, 0]], target: [[50, 71], [1, 3]], loss: "half-sum-of-squares", rate: 0.002,
    layers: [{ weights: [[2, 3], [0, 1], [1, 3]] }, { weights: [[1, 2], [3, 4]] }],
  };
  await withPage(pageOf(network, "edit", ...DIGITS), async (page) => {
    await page.getByRole("button", { name: "A1", exact: true }).click();
    await page.getByLabel("W1, row 1, column 2").fill("-0.5");
    // At once, with the field still in use.
    assert.deepEqual((await readValue(page)).numbers, ["7", "8", "0", "1"]);
    assert.equal(await page.evaluate(() => document.activeElement.value), "-0.5");
    await page.getByLabel("X, row 2, column 3").fill("1,5");
    await page.getByLabel("Learning rate").fill("0.001");
    await page.getByLabel("Steps").fill("4");
    await page.keyboard.press("Tab");
    await page.getByRole("button", { name: "Y", exact: true }).click();
    await page.getByLabel("Y, row 1, column 1").fill("-2e1");
    network.layers[0].weights[0][1] = -0.5;
    network.input[1][2] = 1.5;
    network.target[0][0] = -20;
    network.rate = 0.001;
    const read = await readRun(page);
    assertSameRun(read, JSON.parse(trace(network, "json", "--steps", "4")));
    const update = read.find((value) => value.heading.startsWith("new W1"));
    assert.equal(update.heading, "new W1 = W1 \u2212 0.001 dW1");

    await page.getByRole("button", { name: "Undo all changes" }).click();
    assertSameRun(await readRun(page), JSON.parse(trace(null, "json")));
    assert.ok(await page.getByRole("button", { name: "Undo all changes" }).isDisabled());
  });
});

test("what is no number is said, and changes nothing", async () => {
  await withPage(pageOf(null, "wrong"), async (page) => {
    const before = await page.locator("#outcome").textContent();
    const problem = page.getByRole("alert");
    const field = page.getByLabel("X, row 1, column 1");
    for (const text of ["abc", "", "1e999", "0x10", "1 2", "--1", "Infinity", "1.2.3"]) {
      await field.fill(text);
      assert.equal(await field.getAttribute("aria-invalid"), "true", text);
      assert.match(await problem.textContent(), /is not a number; expected one such as/);
    }
    await field.blur();
    assert.equal(await field.inputValue(), "2");
    assert.equal(await problem.textContent(), "");
    const settings = [["Learning rate", "0", /above 0/], ["Learning rate", "-1", /above 0/],
      ["Learning rate", "fast", /not a number/], ["Steps", "0", /1 to 1000/], ["Steps", "1.5", /1 to 1000/],
      ["Steps", "1001", /1 to 1000/]];
    for (const [label, text, message] of settings) {
      await page.getByLabel(label).fill(text);
      assert.match(await problem.textContent(), message);
      await page.getByLabel(label).blur();
    }
    assert.equal(await page.getByLabel("Learning rate").inputValue(), "0.002");
    assert.equal(await page.locator("#outcome").textContent(), before);
  });
});

test("Escape takes back what was typed", async () => {
  await withPage(pageOf(null, "escape"), async (page) => {
    const outcome = page.locator("#outcome");
    const before = await outcome.textContent();
    for (const label of ["X, row 1, column 1", "Learning rate", "Steps"]) {
      const field = page.getByLabel(label);
      const value = await field.inputValue();
      await field.fill("7");
      assert.notEqual(await outcome.textContent(), before);
      await field.fill("abc");
      await page.keyboard.press("Escape");
      assert.equal(await field.inputValue(), value);
      assert.notEqual(await field.getAttribute("aria-invalid"), "true");
      assert.equal(await page.getByRole("alert").textContent(), "");
      assert.equal(await outcome.textContent(), before);
    }
  });
});

test("a large network allows fewer steps", async () => {
  const zeros = (n, m) => Array.from({ length: n }, () => Array(m).fill(0));
  const network = { input: zeros(100, 1), target: zeros(100, 100), loss: "huber", rate: 1, layers: [{ weights: zeros(1, 100) }] };
  assert.match(failingTrace(network, "html", "--steps", "25").errors,
    /--steps: 25 is too many for --format html of this network; expected 1 to 24/);
  await withPage(pageOf(network, "many", "--steps", "24"), async (page) => {
    await page.getByLabel("Steps").fill("25");
    assert.match(await page.getByRole("alert").textContent(), /^Steps are a whole number from 1 to 24\./);
  });
  network.input = zeros(300, 1);
  network.target = zeros(300, 300);
  network.layers[0].weights = zeros(1, 300);
  const { errors, status } = failingTrace(network, "html");
  assert.match(errors, /^descent: --format: html: 300 parameters and 300 samples are too many; the other formats take them/);
  assert.equal(status, 2);
});

test("a target that its loss does not allow is refused", async () => {
  for (const [loss, good, bad] of [["hinge", "-1", "0"], ["binary-cross-entropy", "0.5", "-1"], ["cross-entropy", "0", "2"]]) {
    const network = { input: [[1]], target: [[1]], loss, rate: 1, layers: [{ weights: [[1]] }] };
    await withPage(pageOf(network, "target"), async (page) => {
      await page.getByRole("button", { name: "Y", exact: true }).click();
      const field = page.getByLabel("Y, row 1, column 1");
      await field.fill(bad);
      assert.match(await page.getByRole("alert").textContent(), new RegExp(`^The loss ${loss} needs a target`));
      await field.fill(good);
      assert.equal(await page.getByRole("alert").textContent(), "");
      assert.equal(await page.locator(".sum-text").textContent(),
        `${good} is given; type another number and see all that follows change.`);
    });
  }
});

test("an overflow is named with its step and never shown as a number", async () => {
  const assertNoInfinity = async (page) => {
    const text = await page.evaluate(() => document.body.innerText);
    assert.doesNotMatch(text, /infinity|NaN/i);
  };
  await withPage(pageOf(null, "overflow", "--steps", "30"), async (page) => {
    await page.getByLabel("Learning rate").fill("0.05");
    const outcome = page.locator("#outcome");
    assert.match(await outcome.textContent(), /^Overflow: step 7, loss is too large for a floating-point number/);
    const read = await readRun(page);
    assert.equal(read.at(-1).kicker, "Step 7: error");
    assert.deepEqual(read.at(-1).numbers, []);
    assert.match(await page.locator("#value .overflow").textContent(), /^Overflow: /);
    await assertNoInfinity(page);
    assert.ok(await page.locator("#step-on").isDisabled());
    assert.ok(await page.getByRole("button", { name: "dW1", exact: true }).isDisabled());
    await page.keyboard.press("ArrowRight");
    assert.equal((await readValue(page)).kicker, "Step 7: error");
    await page.getByLabel("Learning rate").fill("0.002");
    assert.match(await outcome.textContent(), /^Error norm 4\.1306 → .*the error falls by/);
    assert.equal((await readValue(page)).numbers.length, 1);
  });
  // What is typed into overflows it, and is still there to be typed into.
  await withPage(pageOf(null, "overflow"), async (page) => {
    await page.getByRole("button", { name: "A1", exact: true }).click();
    const field = page.getByLabel("W1, row 1, column 1", { exact: true });
    await field.fill("1.5e308");
    assert.match(await page.locator("#value .overflow").textContent(), /^Overflow: a number of A1 is too large/);
    assert.equal(await page.evaluate(() => document.activeElement.value), "1.5e308");
    await page.keyboard.press("Escape");
    assert.equal((await readValue(page)).numbers.join(), "7,15,0,1");
    assert.equal(await field.inputValue(), "2");
  });
  // Where the first value overflows already, words and formulas are there all the same.
  const network = { input: [[1e200]], target: [[0]], loss: "huber", rate: 1, layers: [{ weights: [[1e200]] }] };
  await withPage(pageOf(network, "early"), async (page) => {
    assert.match(await page.locator("#outcome").textContent(), /^Overflow: step 1, prediction/);
    await assertNoInfinity(page);
    await page.getByLabel("X, row 1, column 1").fill("3");
    await page.keyboard.press("Tab");
    await page.getByRole("button", { name: "W1", exact: true }).first().click();
    await page.getByLabel("W1, row 1, column 1").fill("2");
    network.input = [[3]];
    network.layers[0].weights = [[2]];
    assertSameRun(await readRun(page), JSON.parse(trace(network, "json")));
  });
});

test("text of the user stays text", async () => {
  const hostile = "</script><script>alert(1)</script><img src=x onerror=alert(2)> & <!-- \\ \u2028 中 \"'";
  const network = { description: hostile, input: [[1]], target: [[1]], loss: "hinge", rate: 1, layers: [{ weights: [[1]] }] };
  await withPage(pageOf(network, "hostile"), async (page) => {
    assert.equal(await page.locator("h1").textContent(), hostile);
    assert.equal(await page.locator("img, h1 *").count(), 0);
  });
});

test("a blank description is no title", async () => {
  for (const description of ["", " \n "]) {
    const network = { description, input: [[1]], target: [[1]], loss: "huber", rate: 1, layers: [{ weights: [[1]] }] };
    await withPage(pageOf(network, "blank"), async (page) => {
      assert.equal(await page.locator("h1").textContent(), "A training run, step by step");
      assert.equal(await page.title(), "descent net trace");
    });
    assert.match(trace(network, "markdown"), /^# \S/);
  }
});

test("the page may ask nobody for anything", async () => {
  await withPage(pageOf(null, "alone"), async (page) => {
    const refused = await page.evaluate(async () => {
      const found = [];
      document.addEventListener("securitypolicyviolation", (event) => found.push(event.effectiveDirective));
      await fetch("http://127.0.0.1:9/").catch(() => {});
      document.head.append(Object.assign(document.createElement("base"), { href: "http://127.0.0.1:9/" }));
      const form = Object.assign(document.createElement("form"), { action: "http://127.0.0.1:9/" });
      document.body.append(form);
      form.submit();
      await new Promise((resolve) => { setTimeout(resolve, 200); });
      return found.sort();
    });
    assert.deepEqual(refused, ["base-uri", "connect-src", "form-action"]);
  }, {}, /Content Security Policy/);
});

test("a large matrix is shown in parts", async () => {
  const row = (n, f) => Array.from({ length: n }, (_, k) => f(k));
  const network = {
    input: row(60, (i) => row(40, (j) => (i * 7 + j * 3) % 11)), target: row(60, () => [1]),
    loss: "mean-squared-error", rate: 1e-6, layers: [{ weights: row(40, (j) => [j / 100]) }],
  };
  await withPage(pageOf(network, "large"), async (page) => {
    assert.equal(await page.locator("#value input.cell").count(), 48 * 32);
    await page.getByRole("button", { name: "Later rows of X" }).click();
    await page.getByRole("button", { name: "Later columns of X" }).click();
    assert.equal(await page.locator("#value input.cell").count(), 12 * 8);
    await page.getByLabel("X, row 60, column 40", { exact: true }).fill("100");
    network.input[59][39] = 100;
    await page.getByRole("button", { name: "prediction", exact: true }).click();
    await page.getByRole("button", { name: "Later rows of prediction" }).click();
    const { entries } = JSON.parse(trace(network, "json"));
    const expected = entries.find((entry) => entry.name === "prediction").value[59][0];
    const cell = page.locator("#value .asked .cell").last();
    await cell.hover();
    assert.ok(Math.abs(Number(await cell.textContent()) - expected) < 1e-4);
    // The operands follow to what enters the sum.
    assert.equal(await page.locator(".equation .from-first").count(), 32);
  });
});
