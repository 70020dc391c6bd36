// A whole run of gradient descent: how the error moves, and the values of any step on demand.
//
// Parameters are kept every few steps only, so that a long run of a larger network fits in memory;
// the values of a step are computed anew from the nearest kept ones before it.
import { allFinite } from "./matrix.js";
import { backward, forward, measureError, parameterNames, update } from "./network.js";

// Most numbers that are kept as parameters.
const MAX_KEPT = 4e6;

// Thrown inside a step by the first value that is not finite.
class Overflow {
  constructor(phase, name) {
    this.phase = phase;
    this.name = name;
  }
}

// The values of one step by name, and the overflow that ended it or null. The last step of a run
// has neither gradients nor an update.
function computeStep(problem, parameters, isClosing) {
  const values = new Map([["X", problem.given.get("X")], ["Y", problem.given.get("Y")], ...parameters]);
  const put = (phase, name, value) => {
    if (!allFinite(value)) {
      throw new Overflow(phase, name);
    }
    values.set(name, value);
  };
  try {
    forward(problem.network, values, put);
    measureError(problem.network, values, put);
    if (!isClosing) {
      backward(problem.network, values, put);
      update(problem.network, values, problem.rate, put);
    }
  } catch (problemFound) {
    if (!(problemFound instanceof Overflow)) {
      throw problemFound;
    }
    return { values, overflow: problemFound };
  }
  return { values, overflow: null };
}

function parametersAfter(network, values) {
  return parameterNames(network).map((name) => [name, values.get(`new ${name}`)]);
}

// problem: { network, given: Map of X, Y and the first parameters, rate, nSteps }.
// The result: norms and losses before the first step and after each (shorter after an overflow),
// overflow { step, phase, name } or null, and stepAt(step), 1 to nSteps + 1: { values, overflow }.
export function run(problem, maxKept = MAX_KEPT) {
  const { network, given, nSteps } = problem;
  const first = parameterNames(network).map((name) => [name, given.get(name)]);
  const size = first.reduce((sum, [, m]) => sum + m.data.length, 0);
  const stride = Math.max(1, Math.ceil((size * nSteps) / maxKept));
  const kept = [];
  const norms = [];
  const losses = [];
  let overflow = null;
  let parameters = first;
  for (let step = 1; step <= nSteps + 1 && overflow === null; step++) {
    if ((step - 1) % stride === 0) {
      kept.push(parameters);
    }
    const done = computeStep(problem, parameters, step > nSteps);
    if (done.values.has("loss")) {
      norms.push(done.values.get("spectral norm").data[0]);
      losses.push(done.values.get("loss").data[0]);
    }
    if (done.overflow !== null) {
      overflow = { step, phase: done.overflow.phase, name: done.overflow.name };
    } else if (step <= nSteps) {
      parameters = parametersAfter(network, done.values);
    }
  }
  const stepAt = (step) => {
    const from = Math.floor((step - 1) / stride);
    let done = null;
    let current = kept[from];
    for (let s = from * stride + 1; s <= step; s++) {
      done = computeStep(problem, current, s > nSteps);
      current = parametersAfter(network, done.values);
    }
    return done;
  };
  return { norms, losses, overflow, stepAt };
}
