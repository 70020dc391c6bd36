// The Markdown format as forges read it: its mathematics by KaTeX, the rest by a renderer of GFM.
import assert from "node:assert/strict";
import { test } from "node:test";

import katex from "katex";
import { marked } from "marked";

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

const TITLES = [
  String.fromCharCode(...Array.from({ length: 95 }, (_, n) => 32 + n)).trim(),
  "</h1><script>alert(1)</script> &amp; &lt; <b>", "*a* _b_ __c__ ~~d~~ `e` ![f](g) [h](i) [j][k] <!-- l -->",
  "www.example.com http://example.com <http://a.b> a@b.example ftp://c", "$x$ $`y`$ :smile: a | b \\ c \\", "1. one", "- two", "> three", "# four #",
];

for (const title of TITLES) {
  test(`a title stays text: ${title}`, () => {
    const network = { description: title, input: [[1]], target: [[1]], loss: "huber", rate: 1, layers: [{ weights: [[1]] }] };
    const escaped = title.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")
      .replaceAll("\"", "&quot;").replaceAll("'", "&#39;");
    const html = marked.parse(trace(network, "markdown"), { gfm: true });
    assert.equal(html.slice(0, html.indexOf("\n")), `<h1>${escaped}</h1>`);
    assert.doesNotMatch(html, /<(a|em|del|img|script) /);
  });
}

test("a wide matrix is a table with every number in its place", () => {
  const network = { input: [Array.from({ length: 12 }, (_, j) => j + 0.5)], target: [[1]], loss: "huber", rate: 1,
    layers: [{ weights: Array.from({ length: 12 }, () => [0]) }] };
  const html = marked.parse(trace(network, "markdown"), { gfm: true });
  const [, table] = html.match(/<tbody>(.*?)<\/tbody>/s);
  const cells = [...table.matchAll(/<td align="right">(.*?)<\/td>/g)].map((match) => match[1]);
  assert.deepEqual(cells, ["<strong>1</strong>", ...network.input[0].map(String)]);
});
