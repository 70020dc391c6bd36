// The losses: value, gradient at the prediction, and how both are told in a sum.
//
// term(a, y) is what one prediction a with the target y adds, before the factor in front of the sum;
// slope(a, y) is its derivative by a. The cross entropy has a term a sample, not one an output. What
// is told is told of numbers of the sum: e is the error a - y.
import { elementwise, rowOf, rowwise } from "./matrix.js";
import { joined, say } from "./say.js";
import { logSumExp, sigmoid, softmax, softplus } from "./special.js";

const perNumber = (a) => 1 / (a.rows * a.cols);
const perNumberTold = (a) => `1/(${a.rows}*${a.cols})*`;

const LOSSES = {
  "half-sum-of-squares": {
    factor: () => 1,
    term: (a, y) => ((a - y) * (a - y)) / 2,
    slope: (a, y) => a - y,
    factorTold: () => "1/2*",
    termTold: (a, y, e) => say`${e}*${e}`,
    gradientTold: (m, a, y, e) => say`${e}`,
  },
  "mean-squared-error": {
    factor: perNumber,
    term: (a, y) => (a - y) * (a - y),
    slope: (a, y) => 2 * (a - y),
    factorTold: perNumberTold,
    termTold: (a, y, e) => say`${e}*${e}`,
    gradientTold: (m, a, y, e) => say`2/(${m.rows}*${m.cols})*${e}`,
  },
  "mean-absolute-error": {
    factor: perNumber,
    term: (a, y) => Math.abs(a - y),
    slope: (a, y) => Math.sign(a - y),
    factorTold: perNumberTold,
    termTold: (a, y, e) => say`|${e}|`,
    gradientTold: (m, a, y, e) => say`${perNumberTold(m)}sign(${e})`,
  },
  huber: {
    factor: perNumber,
    term: (a, y) => (Math.abs(a - y) <= 1 ? ((a - y) * (a - y)) / 2 : Math.abs(a - y) - 1 / 2),
    slope: (a, y) => Math.max(-1, Math.min(1, a - y)),
    factorTold: perNumberTold,
    termTold: (a, y, e) => (Math.abs(e.value) <= 1 ? say`${e}*${e}/2` : say`(|${e}| - 1/2)`),
    gradientTold: (m, a, y, e) =>
      (Math.abs(e.value) <= 1 ? say`${perNumberTold(m)}${e}` : say`${perNumberTold(m)}sign(${e})`),
  },
  "binary-cross-entropy": {
    factor: perNumber,
    // softplus(a) - y a without a difference of two large numbers
    term: (a, y) => y * softplus(-a) + (1 - y) * softplus(a),
    slope: (a, y) => (1 - y) * sigmoid(a) - y * sigmoid(-a),
    factorTold: perNumberTold,
    termTold: (a, y) => say`(log(1 + exp(${a})) - ${y}*${a})`,
    gradientTold: (m, a, y) => say`${perNumberTold(m)}(1/(1 + exp(-${a})) - ${y})`,
  },
  "cross-entropy": {
    factor: (a) => 1 / a.rows,
    row: (a, y) => y.reduce((sum, yk, k) => sum + yk * (logSumExp(a) - a[k]), 0),
    rowSlope: (a, y) => {
      const total = y.reduce((sum, yk) => sum + yk, 0);
      return softmax(a).map((p, k) => total * p - y[k]);
    },
    factorTold: (a) => `-1/${a.rows}*`,
    rowTerm: (a, y, k) =>
      say`${y[k]}*log(exp(${a[k]})/(${joined(a.map((z) => say`exp(${z})`))}))`,
    rowGradientTold: (m, a, y, k) =>
      say`1/${m.rows}*(exp(${a[k]})/(${joined(a.map((z) => say`exp(${z})`))}) - ${y[k]})`,
  },
  hinge: {
    factor: perNumber,
    term: (a, y) => Math.max(0, 1 - y * a),
    slope: (a, y) => (1 - y * a > 0 ? -y : 0),
    factorTold: perNumberTold,
    termTold: (a, y) => say`max(0, 1 - ${y}*${a})`,
    gradientTold: (m, a, y) =>
      (1 - y.value * a.value > 0
        ? say`-1/(${m.rows}*${m.cols})*${y}, as ${y}*${a} < 1`
        : say`0, as ${y}*${a} >= 1`),
  },
};

export const LOSS_NAMES = Object.keys(LOSSES);

export function lossValue(name, prediction, target) {
  const loss = LOSSES[name];
  let sum = 0;
  if (loss.row !== undefined) {
    for (let i = 0; i < prediction.rows; i++) {
      sum += loss.row(rowOf(prediction, i), rowOf(target, i));
    }
  } else {
    prediction.data.forEach((a, n) => {
      sum += loss.term(a, target.data[n]);
    });
  }
  return sum * loss.factor(prediction);
}

export function lossGradient(name, prediction, target) {
  const loss = LOSSES[name];
  const factor = loss.factor(prediction);
  if (loss.rowSlope !== undefined) {
    return rowwise((a, y) => loss.rowSlope(a, y).map((d) => factor * d), prediction, target);
  }
  return elementwise((a, y) => factor * loss.slope(a, y), prediction, target);
}

// What is wrong with a number of the target, or "". Whether shares add up to 1 is left open, since
// they are typed one after the other.
export function targetProblem(name, y) {
  if (name === "hinge" && y !== -1 && y !== 1) {
    return "The loss hinge needs a target of -1 or 1";
  }
  if (name.endsWith("cross-entropy") && !(y >= 0 && y <= 1)) {
    return `The loss ${name} needs a target from 0 to 1`;
  }
  return "";
}

// Whether the loss is told by the error, or by prediction and target.
export function isOfError(name) {
  return !["binary-cross-entropy", "cross-entropy", "hinge"].includes(name);
}

// The whole loss as pieces; the three are rows of numbers of the sum for each sample.
export function lossTold(name, prediction, a, y, e) {
  const loss = LOSSES[name];
  const termOf = loss.rowTerm !== undefined
    ? (i, k) => loss.rowTerm(a[i], y[i], k)
    : (i, k) => loss.termTold(a[i][k], y[i][k], e[i][k]);
  // A share of 0 adds nothing to the cross entropy.
  const isSaid = (i, k) => loss.rowTerm === undefined || y[i][k].value !== 0;
  const terms = a.flatMap((row, i) =>
    row.map((_, k) => k).filter((k) => isSaid(i, k)).map((k) => termOf(i, k)));
  return say`${loss.factorTold(prediction)}(${joined(terms)})`;
}

// The gradient at column j of one sample.
export function lossGradientTold(name, prediction, a, y, e, j) {
  const loss = LOSSES[name];
  return loss.rowGradientTold !== undefined
    ? loss.rowGradientTold(prediction, a, y, j)
    : loss.gradientTold(prediction, a[j], y[j], e[j]);
}
