// What is printed: every value of the step that is shown, one under the other.
import { element, formulaElement, nameElement } from "./elements.js";
import { MatrixView } from "./matrix_view.js";
import { matrixTeller, rateTold } from "./numbers.js";
import { formulaOf, headingOf, shapesOf } from "./places.js";

// What a sheet of A4 or letter takes: signs in a line, of which the gap of a column takes two, rows.
const SHEET_LINE = 80;
const SHEET_GAP = 2;
const SHEET_ROWS = 48;

// The ends of the columns' blocks that fit the line.
function columnEnds(value, precision) {
  const textOf = matrixTeller(value, precision);
  const ends = [];
  let used = 0;
  for (let j = 0; j < value.cols; j++) {
    let width = 0;
    for (let i = 0; i < value.rows; i++) {
      width = Math.max(width, textOf(i, j).length);
    }
    if (j > 0 && used + width + SHEET_GAP > SHEET_LINE) {
      ends.push(j);
      used = 0;
    }
    used += width + SHEET_GAP;
  }
  return [...ends, value.cols];
}

// The matrix in blocks, each of which says what it is a part of.
function printedBlocks(label, value, precision) {
  const blocks = [];
  let firstColumn = 0;
  for (const endColumn of columnEnds(value, precision)) {
    for (let firstRow = 0; firstRow < value.rows; firstRow += SHEET_ROWS) {
      const shown = { firstRow, endRow: Math.min(firstRow + SHEET_ROWS, value.rows), firstColumn, endColumn };
      blocks.push(new MatrixView({ label, kind: "plain", precision, value, shown }).root);
    }
    firstColumn = endColumn;
  }
  return blocks;
}

function printedValue(place, value, { state, precision }) {
  const formula = formulaOf(place, rateTold(state.problem.rate));
  return element("div", { className: "printed" },
    element("p", {}, place.phase === "update" ? "new " : null, nameElement(place.words.name),
      ...(formula === "" ? [] : [" = ", formulaElement(formula)]),
      element("span", { className: "meaning" }, [place.words.meaning,
        ...(place.words.shapes === "" ? [] : [shapesOf(place)])].join(", "))),
    printedBlocks(place.words.name, value, precision));
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
