// The value of a sum as the page writes it, such as "0.5*(1 - 0.5), as ..." or "S*2, S = sigmoid(1)".
import { normalBelow, normalDensity, sigmoid } from "../../web/trace/special.js";

const FUNCTIONS = {
  exp: Math.exp, log: Math.log, tanh: Math.tanh, sqrt: Math.sqrt, max: Math.max, abs: Math.abs,
  sign: Math.sign, Phi: normalBelow, phi: normalDensity, sigmoid,
};

export function valueOfSum(text) {
  const [sum, s = "0"] = text.replaceAll("\u2212", "-").split(", S = ");
  const plain = sum.replace(/, as [^,]*?[<>]=? \S+?(?=\)|$)/, "").replace(/\|([^|]+)\|/g, "abs($1)");
  if (!/^[\w\s().,*/+-]+$/.test(plain + s)) {
    throw new Error(`not a sum: ${text}`);
  }
  // A minus in front of a number that has its own is no decrement.
  const spaced = (expression) => expression.replaceAll("--", "- -");
  const evaluate = new Function(...Object.keys(FUNCTIONS), `const S = ${spaced(s)}; return ${spaced(plain)};`);
  return evaluate(...Object.values(FUNCTIONS));
}
