// How the error moved over a run, in the program's own sentence.
import { frobeniusNorm } from "./norms.js";
import { rateTold } from "./numbers.js";

// Units in the last place of the target's norm that an error may have which is nothing but rounding.
const ROUNDING_UNITS = 64;

function fallTold(first, last, rounding) {
  const percent = 100 * (1 - last / first);
  if (last === 0) {
    return "the error falls to zero";
  }
  if (last <= rounding) {
    return "the error falls to zero up to rounding";
  }
  const by = percent >= 99.95 ? "more than 99.9" : percent < 0.05 ? "less than 0.1" : percent.toFixed(1);
  return `the error falls by ${by} %`;
}

// How often and how far it went the other way.
function swingTold(moved, nSteps, told) {
  const atMost = moved.largest > moved.first && moved.largest > moved.last ? `, ${told(moved.largest)} at most` : "";
  return `, but swings: larger after ${moved.nGrown} of ${nSteps} steps${atMost}`;
}

function lossesTold(moved, told) {
  const way = moved.lastLoss < moved.firstLoss ? "falls" : "grows";
  return `, though the loss ${way} from ${told(moved.firstLoss)} to ${told(moved.lastLoss)}`;
}

function verdictOf(moved, problem, told) {
  const { first, last, rounding, nGrown } = moved;
  if (first <= rounding && last <= rounding) {
    return `there was no error to lower${first === 0 && last === 0 ? "" : ", only rounding"}`;
  }
  if (last < first) {
    return fallTold(first, last, rounding) + (nGrown > 0 ? swingTold(moved, problem.nSteps, told) : "") +
      (moved.lastLoss > moved.firstLoss ? lossesTold(moved, told) : "");
  }
  if (last === first) {
    return "the error stays the same";
  }
  return `the error grows${nGrown < problem.nSteps ? swingTold(moved, problem.nSteps, told) : ""}` +
    (moved.lastLoss > moved.firstLoss ? `; the rate ${rateTold(problem.rate)} is too large` : lossesTold(moved, told));
}

function overflowTold(overflow, moved, problem, told) {
  const isClosing = overflow.step > problem.nSteps;
  const where = isClosing ? `after step ${problem.nSteps}` : `step ${overflow.step}`;
  const before = moved.last > moved.first
    ? `; error norm ${told(moved.first)} → ${told(moved.last)} before: the error grows, ` +
      `the rate ${rateTold(problem.rate)} is too large` : "";
  return `Overflow: ${where}, ${overflow.name} is too large for a floating-point number${before}.`;
}

// result: of run(problem); told(x) writes a number.
export function outcomeOf(result, problem, told) {
  const { norms, losses, overflow } = result;
  const targetNorm = Math.min(frobeniusNorm(problem.given.get("Y")), Number.MAX_VALUE);
  const rounding = ROUNDING_UNITS * Number.EPSILON * targetNorm;
  const moved = {
    first: norms[0],
    last: norms[norms.length - 1],
    firstLoss: losses[0],
    lastLoss: losses[losses.length - 1],
    largest: norms.reduce((a, b) => Math.max(a, b), 0),
    nGrown: norms.filter((norm, n) => n > 0 && norm > norms[n - 1] && norm > rounding).length,
    rounding,
  };
  if (overflow !== null) {
    return overflowTold(overflow, moved, problem, told);
  }
  const steps = problem.nSteps === 1 ? "1 step" : `${problem.nSteps} steps`;
  return `Error norm ${told(moved.first)} → ${told(moved.last)} after ${steps} at rate ${rateTold(problem.rate)}: ` +
    `${verdictOf(moved, problem, told)}.`;
}
