// Functions of one number that JavaScript's Math does not have, each without overflow on the way.

// 1 / (1 + exp(-z)): the exponential is taken of a negative number only.
export function sigmoid(z) {
  const e = Math.exp(-Math.abs(z));
  return z >= 0 ? 1 / (1 + e) : e / (1 + e);
}

// log(1 + exp(z))
export function softplus(z) {
  return Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)));
}

// Where the series of erf and the continued fraction of erfc are both short enough.
const MEETING_POINT = 2.5;

// erf(x) = 2 / sqrt(pi) exp(-x^2) sum of 2^n x^(2n+1) / (1 3 5 ... (2n+1)): no term has another
// sign, so nothing cancels.
function erfBySeries(x) {
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > 1e-18 * Math.abs(sum); n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

// erfc(x) = exp(-x^2) / sqrt(pi) / (x + (1/2) / (x + 1 / (x + (3/2) / (x + ...)))), from the end;
// 120 levels are exact to the last digit from the meeting point on.
function erfcByFraction(x) {
  let tail = x;
  for (let n = 120; n > 0; n--) {
    tail = x + n / 2 / tail;
  }
  return Math.exp(-x * x) / Math.sqrt(Math.PI) / tail;
}

export function erfc(x) {
  if (x < 0) {
    return 2 - erfc(-x);
  }
  return x < MEETING_POINT ? 1 - erfBySeries(x) : erfcByFraction(x);
}

// The share of a standard normal variable below z.
export function normalBelow(z) {
  return erfc(-z / Math.SQRT2) / 2;
}

// Its density at z.
export function normalDensity(z) {
  return Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
}

// Not Math.max(...row), which takes some 100000 arguments at most.
function largestOf(row) {
  return row.reduce((a, b) => Math.max(a, b), -Infinity);
}

// log of the sum of exp over a row.
export function logSumExp(row) {
  const largest = largestOf(row);
  let sum = 0;
  for (const z of row) {
    sum += Math.exp(z - largest);
  }
  return largest + Math.log(sum);
}

export function softmax(row) {
  const largest = largestOf(row);
  const powers = Array.from(row, (z) => Math.exp(z - largest));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((e) => e / sum);
}
