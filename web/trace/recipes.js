// How each value is made: its operands, which of their numbers enter one element, and their sum.
//
// A recipe has parts, the right side of the equation: texts, and operands { key, isTransposed };
// sum(i, j), the pieces that make the element; marks(i, j), for each operand what of it enters:
// { row }, { column }, both for one number, or {} for all of it.
import { activationGradientTold, activationTold, slopeFrom } from "./activations.js";
import { isOfError, lossGradientTold, lossTold } from "./losses.js";
import { rowOf, transpose } from "./matrix.js";
import { layerNames, allLayers, parameterNames } from "./network.js";
import { EPSILON_TOLD, rowScale } from "./normalisation.js";
import { singularValues } from "./norms.js";
import { rateTold } from "./numbers.js";
import { joined, number, say } from "./say.js";

const operand = (key, isTransposed = false) => ({ key, isTransposed });

// An operand as it stands in the equation.
export function operandValue(values, part) {
  const value = values.get(part.key);
  return part.isTransposed ? transpose(value) : value;
}

// The numbers of row i of an operand, which is the part-th.
function rowNumbers(m, i, part) {
  return Array.from(rowOf(m, i), (x) => number(x, part));
}

function columnNumbers(m, j, part) {
  return Array.from({ length: m.rows }, (_, i) => number(m.data[i * m.cols + j], part));
}

function allNumbers(m, part) {
  return Array.from({ length: m.rows }, (_, i) => rowNumbers(m, i, part));
}

function productRecipe(values, left, right, bias = null) {
  const [a, b] = [operandValue(values, left), operandValue(values, right)];
  return {
    parts: [left, right, ...(bias === null ? [] : ["+", operand(bias)])],
    sum: (i, j) => {
      const column = columnNumbers(b, j, 1);
      const terms = rowNumbers(a, i, 0).map((x, k) => say`${x}*${column[k]}`);
      return bias === null ? joined(terms)
        : joined([...terms, number(values.get(bias).data[j], 2)]);
    },
    marks: (i, j) => [{ row: i }, { column: j }, { column: j }],
  };
}

// Behind "(Z", in the equation of normalised rows.
const SCALED = `- row mean) / sqrt(row variance + ${EPSILON_TOLD})`;

// What a row is divided by in a sum, from its variance.
function deviationTold(variance) {
  return say`sqrt(${number(variance)} + ${EPSILON_TOLD})`;
}

function normRecipe(values, of) {
  const [z, gain, shift] = [of.z, of.gain, of.shift].map((name) => values.get(name));
  return {
    parts: [operand(of.gain), ".* (", operand(of.z), `${SCALED} +`, operand(of.shift)],
    sum: (i, j) => {
      const { mean, variance } = rowScale(rowOf(z, i));
      const [g, x, s] = [number(gain.data[j], 0), number(rowOf(z, i)[j], 1), number(shift.data[j], 2)];
      return say`${g}*(${x} - ${number(mean)})/${deviationTold(variance)} + ${s}`;
    },
    marks: (i, j) => [{ column: j }, { row: i }, { column: j }],
  };
}

function activationRecipe(values, of) {
  const z = values.get(of.normed);
  const isByRow = of.activation === "softmax";
  return {
    parts: [`${of.activation}(`, operand(of.normed), ")"],
    sum: (i, j) => activationTold(of.activation, rowNumbers(z, i, 0), j),
    marks: (i, j) => [isByRow ? { row: i } : { row: i, column: j }],
  };
}

function lossGradientRecipe(problem, values) {
  const { loss } = problem.network;
  const [a, y, e] = ["prediction", "Y", "error"].map((name) => values.get(name));
  const isByRow = loss === "cross-entropy";
  const ofOne = (i, j) => (isByRow ? { row: i } : { row: i, column: j });
  const parts = isOfError(loss) ? ["from", operand("error")]
    : ["from", operand("prediction"), "and", operand("Y")];
  return {
    parts,
    sum: (i, j) => lossGradientTold(loss, a, rowNumbers(a, i, 0), rowNumbers(y, i, 1), rowNumbers(e, i, 0), j),
    marks: (i, j) => [ofOne(i, j), ofOne(i, j)],
  };
}

function activationGradientRecipe(values, of) {
  const name = of.activation;
  const from = slopeFrom(name);
  const keys = [`d${of.a}`, ...(from.includes("z") ? [of.normed] : []), ...(from.includes("a") ? [of.a] : [])];
  const [da, z, a] = [`d${of.a}`, of.normed, of.a].map((key) => values.get(key));
  const isByRow = name === "softmax";
  const ofOne = (i, j) => (isByRow ? { row: i } : { row: i, column: j });
  const numbers = (m, key, i) => rowNumbers(m, i, keys.indexOf(key));
  const operands = keys.slice(1).map((key) => operand(key));
  return {
    parts: [operand(keys[0]), `.* slope of ${name} at`,
      ...operands.flatMap((part, n) => (n === 0 ? [part] : [",", part]))],
    sum: (i, j) => activationGradientTold(name, numbers(da, keys[0], i), numbers(z, of.normed, i),
      numbers(a, of.a, i), j),
    marks: (i, j) => keys.map(() => ofOne(i, j)),
  };
}

// (h - mean of h - u*(mean of h .* u)) / sqrt(variance + 1e-5)
function normGradientRecipe(values, of) {
  const [d, gain, z] = [`d${of.normed}`, of.gain, of.z].map((name) => values.get(name));
  return {
    parts: [operand(`d${of.normed}`), "and", operand(of.gain), "through the norm of", operand(of.z)],
    sum: (i, j) => {
      const { mean, variance, deviation } = rowScale(rowOf(z, i));
      const u = rowOf(z, i).map((x) => (x - mean) / deviation);
      const h = rowOf(d, i).map((x, k) => x * gain.data[k]);
      const hMean = h.reduce((sum, x) => sum + x, 0) / h.length;
      const along = h.reduce((sum, x, k) => sum + x * u[k], 0) / h.length;
      const [dj, gj] = [number(rowOf(d, i)[j], 0), number(gain.data[j], 1)];
      return say`(${dj}*${gj} - ${number(hMean)} - ${number(u[j], 2)}*${number(along)})/${deviationTold(variance)}`;
    },
    marks: (i) => [{ row: i }, {}, { row: i }],
  };
}

function columnSumRecipe(values, key) {
  const m = values.get(key);
  return {
    parts: ["column sums of", operand(key)],
    sum: (i, j) => joined(columnNumbers(m, j, 0)),
    marks: (i, j) => [{ column: j }],
  };
}

function gainGradientRecipe(values, of) {
  const [d, z] = [`d${of.normed}`, of.z].map((name) => values.get(name));
  return {
    parts: ["column sums of", operand(`d${of.normed}`), ".* (", operand(of.z), SCALED],
    sum: (i, j) => joined(columnNumbers(d, j, 0).map((x, s) => {
      const { mean, deviation } = rowScale(rowOf(z, s));
      return say`${x}*${number((rowOf(z, s)[j] - mean) / deviation, 1)}`;
    })),
    marks: (i, j) => [{ column: j }, {}],
  };
}

function updateRecipe(values, name, rate) {
  const [w, d] = [name, `d${name}`].map((key) => values.get(key));
  return {
    parts: [operand(name), `- ${rateTold(rate)}`, operand(`d${name}`)],
    sum: (i, j) => say`${rowNumbers(w, i, 0)[j]} - ${number(rate)}*${rowNumbers(d, i, 1)[j]}`,
    marks: (i, j) => [{ row: i, column: j }, { row: i, column: j }],
  };
}

// Values of the network as a whole.
function wholeRecipes(problem, values) {
  const { loss } = problem.network;
  const [a, y, e] = ["prediction", "Y", "error"].map((name) => values.get(name));
  const one = (i, j) => ({ row: i, column: j });
  const numbersOfLoss = () => [allNumbers(a, 0), allNumbers(y, 1), allNumbers(e, 0)];
  return {
    error: () => ({
      parts: [operand("prediction"), "-", operand("Y")],
      sum: (i, j) => say`${rowNumbers(a, i, 0)[j]} - ${rowNumbers(y, i, 1)[j]}`,
      marks: (i, j) => [one(i, j), one(i, j)],
    }),
    "spectral norm": () => ({
      parts: ["largest singular value of", operand("error")],
      sum: () => say`max(${joined(singularValues(e).map((x) => number(x)), ", ")})`,
      marks: () => [{}],
    }),
    "Frobenius norm": () => ({
      parts: ["root of the sum of squares of", operand("error")],
      sum: () => say`sqrt(${joined(allNumbers(e, 0).flat().map((x) => say`${x}*${x}`))})`,
      marks: () => [{}],
    }),
    loss: () => ({
      parts: isOfError(loss) ? ["from", operand("error")]
        : ["from", operand("prediction"), "and", operand("Y")],
      sum: () => lossTold(loss, a, ...numbersOfLoss()),
      marks: () => [{}, {}],
    }),
  };
}

// The recipes of one layer's values, by their keys.
function layerRecipes(problem, values, of) {
  const { network } = problem;
  const isLast = of.number === network.layers.length;
  const next = isLast ? null : layerNames(network, of.number);
  return {
    ...(of.isIdentity ? {} : { [of.a]: () => activationRecipe(values, of) }),
    ...(of.gain === null ? {} : {
      [of.normed]: () => normRecipe(values, of),
      [`d${of.z}`]: () => normGradientRecipe(values, of),
      [`d${of.gain}`]: () => gainGradientRecipe(values, of),
      [`d${of.shift}`]: () => columnSumRecipe(values, `d${of.normed}`),
    }),
    [of.z]: () => productRecipe(values, operand(of.x), operand(of.weights), of.bias),
    ...(of.isIdentity ? {} : { [`d${of.normed}`]: () => activationGradientRecipe(values, of) }),
    [`d${of.a}`]: () => (isLast ? lossGradientRecipe(problem, values)
      : productRecipe(values, operand(`d${next.z}`), operand(next.weights, true))),
    [`d${of.weights}`]: () => productRecipe(values, operand(of.x, true), operand(`d${of.z}`)),
    [`d${of.bias}`]: () => columnSumRecipe(values, `d${of.z}`),
  };
}

// problem: { network, rate }; null for a value that is given.
export function recipeOf(problem, key, values) {
  const { network, rate } = problem;
  const all = Object.assign({}, wholeRecipes(problem, values),
    ...allLayers(network).map((of) => layerRecipes(problem, values, of)));
  for (const name of parameterNames(network)) {
    all[`new ${name}`] = () => updateRecipe(values, name, rate);
  }
  return all[key] === undefined ? null : all[key]();
}
