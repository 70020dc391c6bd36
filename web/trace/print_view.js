// What is printed: every value of the step that is shown, one under the other.
import { element, formulaElement, nameElement } from "./elements.js";
import { MatrixView } from "./matrix_view.js";
import { formulaOf, headingOf } from "./places.js";

function printedValue(place, value, { state, precision }) {
  const formula = formulaOf(place, String(state.problem.rate));
  const view = new MatrixView({ label: place.words.name, kind: "plain", precision, value });
  return element("div", { className: "printed" },
    element("p", {}, place.phase === "update" ? "new " : null, nameElement(place.words.name),
      ...(formula === "" ? [] : [" = ", formulaElement(formula)]),
      element("span", { className: "meaning" }, ` ${place.words.meaning} ${place.words.shapes.replaceAll(" x ", " × ")}`)),
    view.root);
}

// last: the index of the last value that there is, or of the one that overflows.
export function printWholeStep(root, of) {
  const { state, valuesOf, last } = of;
  const { overflow } = state.result;
  const nSteps = state.problem.nSteps;
  const shown = [...state.places.ofWholeStep(0), ...state.places.ofWholeStep(state.shownStep)];
  const printed = [];
  let heading = "";
  for (const place of shown) {
    const value = valuesOf(place).get(place.key);
    if (place.index > last || value === undefined || (overflow !== null && place.index === last)) {
      break;
    }
    if (headingOf(place, nSteps) !== heading) {
      heading = headingOf(place, nSteps);
      printed.push(element("h2", {}, heading));
    }
    printed.push(printedValue(place, value, of));
  }
  root.replaceChildren(...printed);
}
