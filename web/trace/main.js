// The page: what is given and can be changed, where in the run one is, and what is shown of it.
import { element, keepingField, takeBackByEscape } from "./elements.js";
import { MapView } from "./map_view.js";
import { copyOf, matrixFromRows } from "./matrix.js";
import { numberTyped, told, toldExactly } from "./numbers.js";
import { outcomeOf } from "./outcome.js";
import { headingOf, makePlaces } from "./places.js";
import { printWholeStep } from "./print_view.js";
import { run } from "./run.js";
import { ValueView } from "./value_view.js";

const byId = (id) => document.getElementById(id);
const source = JSON.parse(byId("trace").textContent);
const { network, precision, max_steps: maxSteps } = source;

function givenAtFirst() {
  return new Map(source.entries.filter((entry) => entry.phase === "given")
    .map((entry) => [entry.name, matrixFromRows(entry.value)]));
}

const state = {
  problem: { network, given: givenAtFirst(), rate: source.rate, nSteps: source.steps },
  places: makePlaces(source.entries, source.steps),
  index: 0,
  result: null,
  shownStep: 0, // of the map
};

function tellProblem(text) {
  byId("problem").textContent = text;
}

const map = new MapView(byId("map"), network, (index) => go(index));
const view = new ValueView(byId("value"), { edit: editGiven, problem: tellProblem });

// The index of the last value that there is, or of the one that overflows.
function lastIndex() {
  const { overflow } = state.result;
  return overflow === null ? state.places.total - 1 : state.places.find(overflow.step, overflow.name);
}

function valuesOf(place) {
  return place.step === 0 ? state.problem.given : state.result.stepAt(place.step).values;
}

function viewState() {
  const place = state.places.at(state.index);
  const { overflow } = state.result;
  const isOverflow = overflow !== null && overflow.step === place.step && overflow.name === place.key;
  return {
    problem: state.problem, place, values: valuesOf(place), precision,
    overflow: isOverflow ? overflow.name : null,
  };
}

function showPosition() {
  const place = state.places.at(state.index);
  const last = lastIndex();
  const { nSteps } = state.problem;
  const mapStep = Math.max(place.step, 1);
  if (state.shownStep !== mapStep) {
    state.shownStep = mapStep;
    map.build(state.places, mapStep);
  }
  map.mark(state.index, last, state.result.overflow !== null);
  byId("step-name").textContent = place.step > nSteps ? `after step ${nSteps}` : `step ${mapStep} of ${nSteps}`;
  byId("step-back").disabled = place.step <= 1;
  byId("step-on").disabled = mapStep > nSteps || state.places.ofWholeStep(mapStep + 1)[0].index > last;
  byId("back").disabled = state.index === 0;
  byId("forward").disabled = state.index >= last;
  byId("position").textContent = `${state.index + 1} of ${state.places.total}`;
  byId("here").textContent = `${place.key}. ${headingOf(place, nSteps)}`;
}

function showOutcome() {
  byId("outcome").textContent = outcomeOf(state.result, state.problem, (x) => told(x, precision));
  byId("outcome").classList.toggle("overflow", state.result.overflow !== null);
}

// Moves to a value; what had focus inside the value before gives it to the new heading.
function go(index) {
  const wanted = Math.max(0, Math.min(index, lastIndex()));
  if (wanted === state.index) {
    return;
  }
  const hadFocus = byId("value").contains(document.activeElement);
  state.index = wanted;
  tellProblem("");
  view.show(viewState());
  showPosition();
  if (hadFocus) {
    byId("value-heading").focus({ preventScroll: true });
  }
}

// The first value of another step of the same kind as this one.
function goToStep(step) {
  const { key, step: from } = state.places.at(state.index);
  const places = state.places.ofWholeStep(step);
  const same = from === 0 ? undefined : places.find((place) => place.key === key);
  go((same ?? places[0]).index);
}

// Computes the run anew after a change, and shows the same place of it.
function recompute() {
  state.result = run(state.problem);
  const last = lastIndex();
  keepingField(byId("value"), () => {
    if (state.index > last) {
      state.index = last;
      view.show(viewState());
    } else {
      view.refresh(viewState());
    }
  });
  showPosition();
  showOutcome();
  byId("reset").disabled = false;
}

function editGiven(key, i, j, value) {
  const changed = copyOf(state.problem.given.get(key));
  changed.data[i * changed.cols + j] = value;
  state.problem.given = new Map(state.problem.given).set(key, changed);
  recompute();
}

// A field of the settings: check(value) is "" or what is wrong with it.
function listenTo(id, check, take) {
  const field = takeBackByEscape(byId(id));
  field.addEventListener("input", () => {
    const value = numberTyped(field.value);
    const wrong = value === null ? `“${field.value}” is not a number.` : check(value);
    field.setAttribute("aria-invalid", String(wrong !== ""));
    tellProblem(wrong === "" ? "" : `${wrong} The run below keeps the last good one.`);
    if (wrong === "") {
      take(value);
      recompute();
    }
  });
  field.addEventListener("blur", () => {
    if (field.getAttribute("aria-invalid") === "true") {
      field.setAttribute("aria-invalid", "false");
      tellProblem("");
    }
    showSettings();
  });
}

function setSteps(nSteps) {
  state.problem.nSteps = nSteps;
  const { step, key } = state.places.at(state.index);
  state.places = makePlaces(source.entries, nSteps);
  const same = state.places.ofWholeStep(Math.min(step, nSteps + 1)).find((place) => place.key === key);
  state.index = same === undefined ? state.places.total - 1 : same.index;
  state.shownStep = 0;
}

function showSettings() {
  byId("rate").value = toldExactly(state.problem.rate);
  byId("steps").value = String(state.problem.nSteps);
}

function reset() {
  Object.assign(state.problem, { given: givenAtFirst(), rate: source.rate });
  setSteps(source.steps);
  state.result = run(state.problem);
  view.show(viewState());
  recompute();
  showSettings();
  tellProblem("");
  byId("rate").focus();
  byId("reset").disabled = true;
}

const MOVES = {
  ArrowLeft: () => go(state.index - 1),
  ArrowRight: () => go(state.index + 1),
  Home: () => go(0),
  End: () => go(lastIndex()),
};

// In a field these keys move the caret, in a frame that is wider than its place they scroll it.
function onKey(event) {
  const move = MOVES[event.key];
  const { target } = event;
  const isTaken = target instanceof HTMLInputElement ||
    (target.matches(".scroller, .map") && target.scrollWidth > target.clientWidth + 1);
  if (move !== undefined && !isTaken && !event.ctrlKey && !event.metaKey && !event.altKey && !event.shiftKey) {
    event.preventDefault();
    move();
  }
}

function showFacts() {
  const units = [network.inputs, ...network.layers.map((layer) => layer.units)].join(" → ");
  const kinds = network.layers.map((layer) => layer.activation + (layer.normalize ? ", normalised" : "") +
    (layer.bias ? "" : ", no bias"));
  const isOneKind = kinds.every((kind) => kind === kinds[0]);
  const kindsTold = isOneKind ? kinds[0] : kinds.map((kind, l) => `layer ${l + 1} ${kind}`).join("; ");
  byId("facts").replaceChildren(`${units} units`, element("span", {}, kindsTold),
    element("span", {}, `loss ${network.loss}`));
  if (network.description !== null && network.description.trim() !== "") {
    byId("title").textContent = network.description;
    document.title = network.description;
  }
}

showFacts();
showSettings();
state.result = run(state.problem);
view.show(viewState());
showPosition();
showOutcome();
byId("reset").disabled = true;
listenTo("rate", (x) => (x > 0 ? "" : "The learning rate must be above 0."), (x) => {
  state.problem.rate = x;
});
listenTo("steps", (x) => (Number.isInteger(x) && x >= 1 && x <= maxSteps ? ""
  : `Steps are a whole number from 1 to ${maxSteps}.`), setSteps);
byId("settings").addEventListener("submit", (event) => event.preventDefault());
byId("reset").addEventListener("click", reset);
byId("back").addEventListener("click", () => go(state.index - 1));
byId("forward").addEventListener("click", () => go(state.index + 1));
byId("step-back").addEventListener("click", () => goToStep(state.shownStep - 1));
byId("step-on").addEventListener("click", () => goToStep(state.shownStep + 1));
document.addEventListener("keydown", onKey);
window.addEventListener("beforeprint", () => printWholeStep(byId("print"), {
  state, valuesOf, last: lastIndex(), precision,
}));
