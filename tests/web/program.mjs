// Running the program whose path DESCENT holds.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const PROGRAM = process.env.DESCENT;
if (PROGRAM === undefined) {
  throw new Error("DESCENT must hold the path of the program");
}

// A folder that is removed when this process ends.
export const folder = mkdtempSync(join(tmpdir(), "descent-web-"));
process.on("exit", () => rmSync(folder, { recursive: true }));

// The arguments that make the program read `network`, an object; null is the built-in example.
function fileOf(network) {
  if (network === null) {
    return [];
  }
  const path = join(folder, "network.json");
  writeFileSync(path, JSON.stringify(network));
  return [path];
}

// What `descent net trace` prints in a format; an exit status that is not 0 throws.
export function trace(network, format, ...options) {
  const words = ["net", "trace", ...fileOf(network), "--format", format, ...options];
  return execFileSync(PROGRAM, words, { encoding: "utf8", maxBuffer: 1 << 28 });
}

// The same for a run that overflows: { output, errors, status }.
export function failingTrace(network, format, ...options) {
  const words = ["net", "trace", ...fileOf(network), "--format", format, ...options];
  const done = spawnSync(PROGRAM, words, { encoding: "utf8", maxBuffer: 1 << 28 });
  return { output: done.stdout, errors: done.stderr, status: done.status };
}

// The page for a network, as a file: URL.
export function pageOf(network, name, ...options) {
  const path = join(folder, `${name}.html`);
  writeFileSync(path, failingTrace(network, "html", ...options).output);
  return `file://${path}`;
}

// The names that the program accepts, as its own message lists them.
export function namesOf(kind) {
  const network = { input: [[1]], target: [[1]], loss: "half-sum-of-squares", rate: 1, layers: [{ weights: [[1]] }] };
  if (kind === "loss") {
    network.loss = "none such at all";
  } else {
    network.layers[0].activation = "none such at all";
  }
  const { errors } = failingTrace(network, "json");
  return [...errors.split("expected")[1].matchAll(/"([^"]+)"/g)].map((match) => match[1]);
}
