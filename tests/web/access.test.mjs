// The page for everyone: by keyboard alone, by the rules of axe, at every width, in print.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { test } from "node:test";

import { readRun, readValue, withPage } from "./browser.mjs";
import { pageOf } from "./program.mjs";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

// Two layers with all that a page can have: bias, norm, a wide matrix.
const NETWORK = {
  description: "A network with a description that is long enough to take more than one line on a telephone",
  input: [[0.5, -1, 2], [1, 0, 0.5]], target: [[1, 0], [0, 1]], loss: "cross-entropy", rate: 0.1,
  layers: [
    {
      weights: [0, 1, 2].map((i) => Array.from({ length: 16 }, (_, j) => Math.round(100 * Math.sin(i + 3 * j)) / 100)),
      bias: Array.from({ length: 16 }, () => 0.1), activation: "swish", normalize: true,
    },
    { weights: Array.from({ length: 16 }, (_, j) => [j / 16, -j / 16]), bias: [0, 0] },
  ],
};

// What has the focus: a name for it, and whether one sees that it has it.
function focused(page) {
  return page.evaluate(() => {
    const at = document.activeElement;
    const style = getComputedStyle(at);
    return {
      name: at.id || at.getAttribute("aria-label") || at.textContent,
      isBody: at === document.body,
      isVisible: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
    };
  });
}

// Presses Tab from the top of the page until the focus leaves it.
async function tabThrough(page) {
  const reached = [];
  for (let n = 0; n < 400; n++) {
    await page.keyboard.press("Tab");
    const now = await focused(page);
    if (now.isBody) {
      return reached;
    }
    reached.push(now);
  }
  throw new Error("the focus does not leave the page");
}

test("everything that can be used is reached by Tab, and one sees where one is", async () => {
  await withPage(pageOf(null, "tab"), async (page) => {
    const reached = await tabThrough(page);
    const usable = await page.locator("button:enabled:visible, input:enabled:visible, a:visible").count();
    const isOwn = (one) => one.name !== "map"; // the figure's frame, which scrolls
    assert.equal(reached.filter(isOwn).length, usable);
    assert.deepEqual(reached.filter((one) => !one.isVisible), []);
    assert.ok(reached.some((one) => one.name === "X, row 2, column 3"));
  });
});

test("a whole visit by keyboard alone", async () => {
  await withPage(pageOf(null, "keys", "--steps", "2"), async (page) => {
    for (let n = 0; n < 4; n++) {
      await page.keyboard.press("ArrowRight");
    }
    assert.equal((await readValue(page)).heading, "A1 = X W1");
    await page.keyboard.press("End");
    assert.equal((await readValue(page)).kicker, "After step 2: new error");
    await page.keyboard.press("Home");
    assert.equal((await readValue(page)).heading, "X");
    await page.keyboard.press("ArrowLeft");
    assert.equal((await readValue(page)).heading, "X");

    // To a button of the figure, and from it into the value.
    await page.getByRole("button", { name: "dW2", exact: true }).focus();
    await page.keyboard.press("Enter");
    assert.equal((await readValue(page)).heading, "dW2 = A1\u2032 dprediction");
    const tabTo = async (name) => {
      for (let n = 0; n < 60 && (await focused(page)).name !== name; n++) {
        await page.keyboard.press("Tab");
      }
      assert.equal((await focused(page)).name, name);
    };
    await tabTo("dW2, row 2, column 1: 32");
    assert.equal(await page.locator(".sum-text").textContent(), "15*2 + 1*2 = 32");
    // A step from inside the value keeps the focus there.
    await page.keyboard.press("ArrowRight");
    assert.equal((await focused(page)).name, "value-heading");
    assert.equal((await readValue(page)).heading, "dA1 = dprediction W2\u2032");
    await page.keyboard.press("Tab");
    assert.equal((await focused(page)).name, "dA1, row 1, column 1: 8");
    assert.equal(await page.locator("#here").textContent(), "dA1. Step 1: gradients, all at the old weights");

    // In a field the arrows move the caret, and what is typed counts at once.
    await page.keyboard.press("Home");
    await page.keyboard.press("Tab");
    assert.equal((await focused(page)).name, "X, row 1, column 1");
    await page.keyboard.press("End");
    await page.keyboard.type("5");
    await page.keyboard.press("ArrowLeft");
    assert.equal((await readValue(page)).heading, "X");
    assert.equal((await readValue(page)).numbers[0], "25");
  });
});

// Some of each kind of value: given, product, norm, activation, number, gradients, update.
const SHOWN = ["X", "W1", "Z1", "N1", "A1", "prediction", "loss", "dprediction", "dN1", "dZ1", "dgain1", "new W1"];

// Of which axe judges one of each form of the page.
const JUDGED = ["X", "Z1", "N1", "loss", "new W1"];

async function assertNoViolation(page, where) {
  if (await page.evaluate(() => window.axe === undefined)) {
    await page.evaluate(AXE);
  }
  const { violations, passes } = await page.evaluate(() => window.axe.run());
  const told = violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html} ${node.failureSummary}`));
  assert.deepEqual(told, [], where);
  assert.ok(passes.length > 10);
}

test("a frame that is wider than its place is scrolled by the arrow keys", async () => {
  await withPage(pageOf(NETWORK, "scroll"), async (page) => {
    for (const [chip, frame] of [["Z1", "#map"], ["dA1", "#value .scroller[tabindex]"]]) {
      await page.locator(`.chip[aria-label="${chip}"]`).click();
      await page.locator(frame).first().evaluate((one) => {
        one.scrollLeft = 0;
        one.focus();
      });
      await page.keyboard.press("ArrowRight");
      await page.waitForFunction((at) => document.querySelector(at).scrollLeft > 0, frame);
      assert.match((await readValue(page)).heading, new RegExp(`^${chip} `));
    }
  }, { viewport: { width: 360, height: 800 } });
});

for (const [colorScheme, widths] of [["light", [360, 768, 1280]], ["dark", [768]]]) {
  for (const width of widths) {
    test(`axe finds nothing, and nothing leaves the page: ${colorScheme}, ${width} px`, async () => {
      const options = { colorScheme, viewport: { width, height: 800 } };
      await withPage(pageOf(NETWORK, "axe", "--steps", "2"), async (page) => {
        for (const name of SHOWN) {
          await page.locator(`.chip[aria-label="${name}"]`).first().click();
          if (JUDGED.includes(name)) {
            await assertNoViolation(page, name);
          }
          const overhang = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
          assert.ok(overhang <= 0, `${name} is ${overhang} px too wide`);
        }
        await page.getByLabel("Learning rate").fill("abc");
        await assertNoViolation(page, "a problem");
        await page.getByLabel("Learning rate").fill("1e300");
        await page.locator("#forward").focus();
        await page.keyboard.press("End");
        assert.equal(await page.locator(".chip[data-state=overflow]").count(), 1);
        await assertNoViolation(page, "an overflow");
      }, options);
    });
  }
}

test("paper shows every value of the step", async () => {
  await withPage(pageOf(NETWORK, "print"), async (page) => {
    const nValues = (await readRun(page)).length;
    await page.keyboard.press("Home");
    await page.emulateMedia({ media: "print" });
    await page.evaluate(() => window.dispatchEvent(new Event("beforeprint")));
    const nInClosing = 8; // Z1, N1, A1, prediction, error, two norms, loss of the pass after the step
    assert.equal(await page.locator("#print .printed:visible").count(), nValues - nInClosing);
    assert.equal(await page.locator("button:visible, input:visible").count(), 0);
    const overhang = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(overhang <= 0);
    // A matrix that is wider than the sheet is printed in parts, whole.
    const { length } = NETWORK.layers[0].bias;
    const columns = await page.locator("#print .printed").evaluateAll((values) => {
      const z = values.find((value) => value.textContent.startsWith("Z1"));
      return [...z.querySelectorAll("tr:first-child")].map((row) => row.children.length);
    });
    assert.ok(columns.length > 1);
    assert.equal(columns.reduce((sum, n) => sum + n, 0), length);
  }, { viewport: { width: 680, height: 1000 } }); // a sheet of A4 within its margins
});

test("who wants no motion gets none", async () => {
  await withPage(pageOf(null, "still"), async (page) => {
    const moving = await page.evaluate(() => [...document.querySelectorAll("*")].filter((one) =>
      getComputedStyle(one).transitionDuration !== "0s" || getComputedStyle(one).animationName !== "none").length);
    assert.equal(moving, 0);
  });
});
