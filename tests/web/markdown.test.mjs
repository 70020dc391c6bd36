// The mathematics of the Markdown format, read by the library that forges set it with.
import assert from "node:assert/strict";
import { test } from "node:test";

import katex from "katex";

import { networksOf } from "./networks.mjs";
import { namesOf, trace } from "./program.mjs";

function assertIsSet(markdown) {
  const blocks = [...markdown.matchAll(/^```math\n(.*?)\n```$/gms)].map((match) => match[1]);
  const inline = [...markdown.matchAll(/\$`(.*?)`\$/g)].map((match) => match[1]);
  assert.ok(blocks.length > 4 && inline.length > 2);
  assert.equal((markdown.match(/^```/gm) ?? []).length, 2 * blocks.length);
  for (const formula of [...blocks, ...inline]) {
    katex.renderToString(formula, { displayMode: true, throwOnError: true, strict: "error" });
  }
}

test("the worked example", () => {
  assertIsSet(trace(null, "markdown", "--steps", "2"));
});

for (const network of networksOf(namesOf("activation"), namesOf("loss"))) {
  test(network.description, () => assertIsSet(trace(network, "markdown", "--precision", "9")));
}
