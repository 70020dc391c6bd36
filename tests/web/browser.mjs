// One Chromium for the tests of a file, its pages watched for errors and for requests.
import { after, before } from "node:test";

import { chromium } from "playwright-core";

const FLAGS = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync",
];

let browser;
before(async () => {
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", headless: true, args: FLAGS,
    timeout: 60000,
  });
});
after(async () => {
  await browser?.close();
});

// Opens a page in a context of its own, gives it to `use` and closes it. Everything that the page
// says on its console but what is expected, every error in it and every request but for itself makes
// this throw.
export async function withPage(url, use, options = {}, expected = null) {
  const context = await browser.newContext({
    viewport: { width: 1100, height: 900 }, reducedMotion: "reduce", ...options,
  });
  try {
    const page = await context.newPage();
    const complaints = [];
    page.setDefaultTimeout(60000); // of a machine that is busy with much else
    page.on("console", (message) => {
      if (expected === null || !expected.test(message.text())) {
        complaints.push(`console: ${message.text()}`);
      }
    });
    page.on("pageerror", (error) => complaints.push(`error: ${error.stack}`));
    page.on("dialog", (dialog) => {
      complaints.push(`dialog: ${dialog.message()}`);
      dialog.dismiss();
    });
    page.on("request", (request) => {
      if (request.url() !== url) {
        complaints.push(`request: ${request.url()}`);
      }
    });
    const assertNoComplaint = () => {
      if (complaints.length > 0) {
        throw new Error(complaints.join("\n"));
      }
    };
    await page.goto(url);
    assertNoComplaint();
    const result = await use(page);
    assertNoComplaint();
    return result;
  } finally {
    await context.close();
  }
}

// In the page: what stands at the value that is shown, heading, numbers row by row, and when
// `withSums` the sum of each number, which is read by giving every cell the focus.
function readValueHere(withSums) {
  const root = document.getElementById("value");
  const matrix = root.querySelector(".equation > .matrix");
  const cells = [...(matrix?.querySelectorAll(".cell") ?? [])];
  const sums = withSums ? cells.map((cell) => {
    cell.focus();
    return root.querySelector(".sum-text").textContent;
  }) : [];
  return {
    kicker: root.querySelector(".kicker").textContent,
    heading: root.querySelector("h2").textContent,
    name: matrix?.querySelector(".caption .name").textContent ?? null,
    numbers: cells.map((cell) => cell.value || cell.textContent),
    sums,
  };
}

export function readValue(page, withSums = false) {
  return page.evaluate(`(${readValueHere})(${withSums})`);
}

// Every value of the run, from the first to the last that the button Forward leads to.
export function readRun(page, withSums = false) {
  return page.evaluate(`(() => {
    const readValueHere = ${readValueHere};
    const [back, forward] = ["back", "forward"].map((id) => document.getElementById(id));
    for (let n = 0; !back.disabled; n++) {
      if (n > 10000) {
        throw new Error("the button Back leads to no beginning");
      }
      back.click();
    }
    const read = [readValueHere(${withSums})];
    while (!forward.disabled) {
      if (read.length > 10000) {
        throw new Error("the button Forward leads to no end");
      }
      forward.click();
      read.push(readValueHere(${withSums}));
    }
    return read;
  })()`);
}
