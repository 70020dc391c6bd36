// The activation functions: values, slopes, and how both are told in a sum.
import { elementwise, rowwise } from "./matrix.js";
import { joined, number, say } from "./say.js";
import { normalBelow, normalDensity, sigmoid, softmax, softplus } from "./special.js";

const LEAK = 0.01; // slope of leaky-relu below 0

// value(z) and slope(z, a) with a = value(z); the same told as the pieces of a sum, where z and a are
// numbers of it: told(z), slopeTold(z, a). slopeFrom: which of the two the slope is told by.
const FUNCTIONS = {
  identity: {
    value: (z) => z,
    slope: () => 1,
    told: (z) => say`${z}`,
    slopeFrom: "z",
    slopeTold: () => say`1`,
  },
  relu: {
    value: (z) => Math.max(z, 0),
    slope: (z) => (z > 0 ? 1 : 0),
    told: (z) => say`max(${z}, 0)`,
    slopeFrom: "z",
    slopeTold: (z) => say`(${z.value > 0 ? "1" : "0"}, as ${z} ${z.value > 0 ? ">" : "<="} 0)`,
  },
  sigmoid: {
    value: sigmoid,
    slope: (z, a) => a * (1 - a),
    told: (z) => say`1/(1 + exp(-${z}))`,
    slopeFrom: "a",
    slopeTold: (z, a) => say`${a}*(1 - ${a})`,
  },
  tanh: {
    value: Math.tanh,
    slope: (z, a) => 1 - a * a,
    told: (z) => say`tanh(${z})`,
    slopeFrom: "a",
    slopeTold: (z, a) => say`(1 - ${a}*${a})`,
  },
  "leaky-relu": {
    value: (z) => (z > 0 ? z : LEAK * z),
    slope: (z) => (z > 0 ? 1 : LEAK),
    told: (z) => (z.value > 0 ? say`${z}` : say`${number(LEAK)}*${z}`),
    slopeFrom: "z",
    slopeTold: (z) => say`(${number(z.value > 0 ? 1 : LEAK)}, as ${z} ${z.value > 0 ? ">" : "<="} 0)`,
  },
  elu: {
    value: (z) => (z > 0 ? z : Math.expm1(z)),
    slope: (z) => (z > 0 ? 1 : Math.exp(z)),
    told: (z) => (z.value > 0 ? say`${z}` : say`exp(${z}) - 1`),
    slopeFrom: "za",
    slopeTold: (z, a) => (z.value > 0 ? say`(1, as ${z} > 0)` : say`(1 + ${a})`),
  },
  softplus: {
    value: softplus,
    slope: sigmoid,
    told: (z) => say`log(1 + exp(${z}))`,
    slopeFrom: "z",
    slopeTold: (z) => say`1/(1 + exp(-${z}))`,
  },
  gelu: {
    value: (z) => z * normalBelow(z),
    slope: (z) => normalBelow(z) + z * normalDensity(z),
    told: (z) => say`${z}*Phi(${z})`,
    slopeFrom: "z",
    slopeTold: (z) => say`(Phi(${z}) + ${z}*phi(${z}))`,
  },
  swish: {
    value: (z) => z * sigmoid(z),
    slope: (z) => sigmoid(z) * (1 + z * (1 - sigmoid(z))),
    told: (z) => say`${z}/(1 + exp(-${z}))`,
    slopeFrom: "za",
    slopeTold: (z, a) => say`(S + ${a}*(1 - S)), S = sigmoid(${z})`,
  },
};

export const ACTIVATION_NAMES = [...Object.keys(FUNCTIONS), "softmax"];

// A = f(Z)
export function activate(name, z) {
  return name === "softmax" ? rowwise(softmax, z) : elementwise(FUNCTIONS[name].value, z);
}

// dZ of softmax: A .* (dA - s), s the sum of dA .* A over the row.
function softmaxGradient(da, a) {
  const sum = da.reduce((total, d, k) => total + d * a[k], 0);
  return Array.from(da, (d, k) => a[k] * (d - sum));
}

// dZ from dA, with Z and A of the forward pass.
export function activationGradient(name, da, z, a) {
  if (name === "softmax") {
    return rowwise(softmaxGradient, da, a);
  }
  const { slope } = FUNCTIONS[name];
  return elementwise((d, zz, aa) => d * slope(zz, aa), da, z, a);
}

export function slopeFrom(name) {
  return name === "softmax" ? "a" : FUNCTIONS[name].slopeFrom;
}

// The value at column j of a row of Z, as pieces.
export function activationTold(name, row, j) {
  if (name === "softmax") {
    return say`exp(${row[j]})/(${joined(row.map((z) => say`exp(${z})`))})`;
  }
  return FUNCTIONS[name].told(row[j]);
}

// The same of dZ, from rows of dA, Z and A.
export function activationGradientTold(name, da, z, a, j) {
  if (name === "softmax") {
    return say`${a[j]}*(${da[j]} - (${joined(da.map((d, k) => say`${d}*${a[k]}`))}))`;
  }
  return say`${da[j]}*${FUNCTIONS[name].slopeTold(z[j], a[j])}`;
}
