// Frobenius and spectral norm, scaled by a power of two so that no square overflows or vanishes.
import { at, matrix } from "./matrix.js";

// The power of two next above the largest element; 0 for a matrix of zeros.
function scaleOf(m) {
  const largest = m.data.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
  return largest === 0 ? 0 : 2 ** Math.min(Math.ceil(Math.log2(largest)), 1023);
}

export function frobeniusNorm(m) {
  const scale = scaleOf(m);
  if (scale === 0) {
    return 0;
  }
  let sum = 0;
  for (const x of m.data) {
    sum += (x / scale) ** 2;
  }
  return Math.sqrt(sum) * scale;
}

function dot(u, v) {
  let sum = 0;
  for (let i = 0; i < u.length; i++) {
    sum += u[i] * v[i];
  }
  return sum;
}

// Rotates u and v in their plane until they are at right angles; false when they were so already.
function makeOrthogonal(u, v) {
  const uu = dot(u, u);
  const vv = dot(v, v);
  const uv = dot(u, v);
  const rounding = Math.sqrt(u.length) * Number.EPSILON;
  if (Math.abs(uv) <= rounding * Math.sqrt(uu) * Math.sqrt(vv)) {
    return false;
  }
  const zeta = (vv - uu) / (2 * uv);
  const tangent = (zeta < 0 ? -1 : 1) / (Math.abs(zeta) + Math.hypot(1, zeta));
  const cosine = 1 / Math.hypot(1, tangent);
  const sine = cosine * tangent;
  for (let i = 0; i < u.length; i++) {
    [u[i], v[i]] = [cosine * u[i] - sine * v[i], sine * u[i] + cosine * v[i]];
  }
  return true;
}

// The vectors of the shorter side, divided by `scale`.
function shorterSide(m, scale) {
  const isWide = m.rows <= m.cols;
  const [count, length] = isWide ? [m.rows, m.cols] : [m.cols, m.rows];
  return Array.from({ length: count }, (_, p) =>
    Float64Array.from({ length }, (_, i) => (isWide ? at(m, p, i) : at(m, i, p)) / scale));
}

// Sweeps converge quadratically; ten are many.
const MAX_SWEEPS = 40;

// All singular values, largest first, by one-sided Jacobi rotations: when the vectors of the shorter
// side are at right angles to each other, the singular values are their lengths.
export function singularValues(m) {
  const scale = scaleOf(m);
  if (scale === 0) {
    return Array.from({ length: Math.min(m.rows, m.cols) }, () => 0);
  }
  const vectors = shorterSide(m, scale);
  let isDone = false;
  for (let sweep = 0; !isDone && sweep < MAX_SWEEPS; sweep++) {
    isDone = true;
    for (let p = 0; p + 1 < vectors.length; p++) {
      for (let q = p + 1; q < vectors.length; q++) {
        isDone = !makeOrthogonal(vectors[p], vectors[q]) && isDone;
      }
    }
  }
  return vectors.map((v) => Math.sqrt(dot(v, v)) * scale).sort((a, b) => b - a);
}

export function spectralNorm(m) {
  return singularValues(m)[0];
}

export function oneNumber(value) {
  const m = matrix(1, 1);
  m.data[0] = value;
  return m;
}
