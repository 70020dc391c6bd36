// Layer normalisation: each row less its mean, over its deviation, times a gain, plus a shift.
import { columnSums, elementwise, rowwise } from "./matrix.js";

// Keeps a row of equal numbers finite; as it stands in formulas and sums.
export const EPSILON_TOLD = "1e-5";
const EPSILON = Number(EPSILON_TOLD);

// Mean, variance and deviation of a row. The mean is taken from the first number on, as in the
// program: a row of equal numbers has exactly them for its mean.
export function rowScale(row) {
  const mean = row[0] + row.reduce((sum, z) => sum + (z - row[0]), 0) / row.length;
  const variance = row.reduce((sum, z) => sum + (z - mean) * (z - mean), 0) / row.length;
  return { mean, variance, deviation: Math.sqrt(variance + EPSILON) };
}

function unitScores(row) {
  const { mean, deviation } = rowScale(row);
  return row.map((z) => (z - mean) * (1 / deviation));
}

export function normalise(z, gain, shift) {
  return rowwise((row) => unitScores(row).map((u, k) => gain.data[k] * u + shift.data[k]), z);
}

// The gradient at a row of Z: (h - mean of h - u .* mean of h .* u) / deviation, with
// h = gain .* the gradient behind it and u the unit scores.
function normGradientOfRow(d, z, gain) {
  const u = unitScores(z);
  const h = d.map((dk, k) => gain[k] * dk);
  const mean = h.reduce((sum, x) => sum + x, 0) / h.length;
  const along = h.reduce((sum, x, k) => sum + x * u[k], 0) / h.length;
  const factor = 1 / rowScale(z).deviation;
  return h.map((x, k) => factor * (x - mean - u[k] * along));
}

export function normGradient(d, z, gain) {
  return rowwise((dRow, zRow) => normGradientOfRow(dRow, zRow, gain.data), d, z);
}

export function gainGradient(d, z) {
  return columnSums(elementwise((dk, u) => dk * u, d, rowwise(unitScores, z)));
}
