// The places of a run, in order: what is given, each value of each step, the closing pass.
//
// The words of a value (name, formula, shapes, meaning) are the program's and the same in each step.

// entries: the program's, of which those of step 1 and of step 2, the closing pass, have words only.
export function makePlaces(entries, nSteps) {
  const ofStep = (step) => entries.filter((entry) => entry.step === step);
  const [given, inStep, closing] = [ofStep(0), ofStep(1), ofStep(2)];
  const closingAt = given.length + nSteps * inStep.length;
  const total = closingAt + closing.length;

  // { index, step, phase, key, words }: step 0 is what is given, nSteps + 1 the closing pass; the
  // key is what the values of the step are called by.
  const placeOf = (index, step, words) => ({
    index,
    step,
    words,
    phase: words.phase,
    key: words.phase === "update" ? `new ${words.name}` : words.name,
  });
  const at = (index) => {
    if (index < given.length) {
      return placeOf(index, 0, given[index]);
    }
    if (index >= closingAt) {
      return placeOf(index, nSteps + 1, closing[index - closingAt]);
    }
    const k = index - given.length;
    return placeOf(index, 1 + Math.floor(k / inStep.length), inStep[k % inStep.length]);
  };
  const startOf = (step) =>
    (step === 0 ? 0 : step > nSteps ? closingAt : given.length + (step - 1) * inStep.length);
  const wordsOf = (step) => (step === 0 ? given : step > nSteps ? closing : inStep);
  const ofWholeStep = (step) =>
    wordsOf(step).map((words, k) => placeOf(startOf(step) + k, step, words));
  // The index of the value that a step calls by this key.
  const find = (step, key) => ofWholeStep(step).find((place) => place.key === key).index;
  return { total, at, ofWholeStep, find };
}

export function headingOf(place, nSteps) {
  if (place.step === 0) {
    return "Given";
  }
  if (place.step > nSteps) {
    const steps = nSteps === 1 ? "step 1" : `step ${nSteps}`;
    return `After ${steps}: ${place.phase === "forward" ? "forward pass with the new weights" : "new error"}`;
  }
  const told = {
    forward: "forward pass",
    error: "error",
    backward: "gradients, all at the old weights",
    update: "update",
  };
  return `Step ${place.step}: ${told[place.phase]}`;
}

// "2 × 3 = (2 × 4) (4 × 3)"
export function shapesOf(place) {
  return place.words.shapes.replaceAll(" x ", " × ").replaceAll(".*", "\u2299");
}

// The program's formula; the rate in it is that of now.
export function formulaOf(place, rate) {
  const { words } = place;
  return place.phase === "update" ? `${words.name} - ${rate} d${words.name}` : words.formula;
}
