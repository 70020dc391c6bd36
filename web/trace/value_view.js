// One value of the run: its equation with every operand, and the sum of the number that is looked at.
import { element, formulaElement, nameElement } from "./elements.js";
import { targetProblem } from "./losses.js";
import { MatrixView } from "./matrix_view.js";
import { rateTold, told, toldExactly } from "./numbers.js";
import { formulaOf, headingOf, shapesOf } from "./places.js";
import { operandValue, recipeOf } from "./recipes.js";

const MARKS = ["from-first", "from-second", "from-third"];

// The pieces of a sum as elements; a negative number behind a sign stands in parentheses.
function pieceElements(pieces, precision) {
  return pieces.map((piece, n) => {
    if (typeof piece === "string") {
      return piece;
    }
    const text = told(piece.value, precision);
    const isFirst = n === 0;
    const shown = text.startsWith("-") && !isFirst ? `(${text})` : text;
    return element("span", { className: piece.part === undefined ? "" : MARKS[piece.part] }, shown);
  });
}

export class ValueView {
  // edit(key, i, j, number) changes a given number; problem(text) reports what is no number.
  constructor(root, { edit, problem }) {
    Object.assign(this, { root, edit, tellProblem: problem, selected: [0, 0] });
  }

  // state: { problem, place, values, overflow (a name, or null), precision }.
  show(state) {
    this.state = state;
    this.selected = [0, 0];
    this.root.className = `value ${state.place.phase}`;
    this.body = element("div", { className: "equation" });
    this.sum = element("div", { className: "sum" });
    this.sumText = element("p", { className: "sum-text", "aria-live": "polite" });
    this.sumPlace = element("p", { className: "sum-place" });
    this.sumExact = element("p", { className: "sum-exact" });
    this.sum.append(this.sumPlace, this.sumText, this.sumExact);
    this.root.replaceChildren(...this.heading(), this.body, this.sum);
    this.build();
  }

  heading() {
    const { place, problem } = this.state;
    const { words } = place;
    const formula = formulaOf(place, rateTold(problem.rate));
    const title = element("h2", { id: "value-heading", tabindex: "-1" },
      place.phase === "update" ? "new " : null, nameElement(words.name));
    if (formula !== "") {
      title.append(" = ", formulaElement(formula));
    }
    return [
      element("p", { className: "kicker" }, headingOf(place, problem.nSteps)),
      title,
      element("p", { className: "meaning" }, words.meaning,
        words.shapes === "" ? null : element("span", { className: "shapes" }, shapesOf(place))),
    ];
  }

  isOverflow() {
    return this.state.overflow !== null;
  }

  build() {
    const { values, place, problem } = this.state;
    this.operands = [];
    this.result = null;
    this.recipe = recipeOf(problem, place.key, values);
    const [first] = this.recipe === null ? [] : this.recipe.parts;
    const parts = this.recipe === null ? [] : [...(first === "from" ? [] : ["="]), ...this.recipe.parts];
    this.sum.hidden = this.isOverflow();
    if (this.isOverflow()) {
      this.body.replaceChildren(element("p", { className: "overflow" },
        `Overflow: a number of ${place.key} is too large for a floating-point number. ` +
        "The run ends here; a smaller rate or other numbers let it go on."), ...this.termElements(parts));
    } else {
      this.result = this.resultView();
      this.body.replaceChildren(this.result.root, ...this.termElements(parts));
      this.select(...this.selected);
    }
    this.settle();
  }

  resultView() {
    const { values, place, precision } = this.state;
    const kind = this.recipe === null ? "given" : "asked";
    return new MatrixView({ label: place.words.name, kind, precision, value: values.get(place.key) }, {
      onSelect: (i, j) => this.select(i, j),
      ...this.editing(place.key),
    });
  }

  editing(key) {
    const { loss } = this.state.problem.network;
    return {
      onEdit: (i, j, x) => this.edit(key, i, j, x),
      onProblem: this.tellProblem,
      check: (x) => (key === "Y" ? targetProblem(loss, x) : ""),
    };
  }

  // Data can be changed in every step, parameters where they are those that are given.
  isGiven(key) {
    const { place } = this.state;
    return key === "X" || key === "Y" || (place.step <= 1 && /^(W|b|gain|shift)\d+$/.test(key));
  }

  // A sign or word stays on one line with the operand behind it.
  termElements(parts) {
    const terms = [];
    let open = null;
    for (const part of parts) {
      if (open === null) {
        open = element("div", { className: "term" });
        terms.push(open);
      }
      open.append(this.partElement(part));
      open = typeof part === "string" ? open : null;
    }
    return terms;
  }

  partElement(part) {
    if (typeof part === "string") {
      const isSign = /^[-+=,]$/.test(part);
      return element("span", { className: isSign ? "sign" : "words" },
        part === "-" ? "−" : part.replaceAll(".*", "⊙").replace(/^- /, "− "));
    }
    const { values, precision } = this.state;
    const isGiven = this.isGiven(part.key) && !part.isTransposed;
    const view = new MatrixView({
      label: part.key, isTransposed: part.isTransposed, kind: isGiven ? "given" : "plain", precision,
      value: operandValue(values, part),
    }, this.editing(part.key));
    this.operands.push({ view, part });
    return view.root;
  }

  settle() {
    this.result?.settle();
    this.operands.forEach(({ view }) => view.settle());
  }

  // Shows the sum of one number of the value.
  select(i, j) {
    const { values, place, precision } = this.state;
    this.selected = [i, j];
    const value = values.get(place.key);
    const x = value.data[i * value.cols + j];
    const isNumber = place.words.shapes === "";
    this.result.mark({ row: i, column: j }, "selected");
    this.sumPlace.textContent = isNumber ? place.words.name : `row ${i + 1}, column ${j + 1} of ${place.key}`;
    const shown = told(x, precision);
    if (this.recipe === null) {
      this.sumText.replaceChildren(`${shown} is given; type another number and see all that follows change.`);
    } else {
      this.recipe.marks(i, j).forEach((what, n) => this.operands[n]?.view.mark(what, MARKS[n]));
      this.sumText.replaceChildren(...pieceElements(this.recipe.sum(i, j), precision), " = ",
        element("strong", {}, shown));
    }
    const exact = toldExactly(x);
    this.sumExact.textContent = exact === shown ? "" : `with all its digits ${exact}`;
  }

  // After a change: the same place with other numbers. What has focus keeps it where the equation
  // stays the same.
  refresh(state) {
    const wasOverflow = this.isOverflow();
    this.state = state;
    this.root.querySelector("#value-heading").replaceWith(this.heading()[1]);
    if (wasOverflow || this.isOverflow()) {
      this.build();
      return;
    }
    this.recipe = recipeOf(state.problem, state.place.key, state.values);
    this.result.refresh(state.values.get(state.place.key));
    const parts = this.recipe === null ? [] : this.recipe.parts.filter((part) => typeof part !== "string");
    this.operands.forEach(({ view }, n) => view.refresh(operandValue(state.values, parts[n])));
    this.root.querySelectorAll(".equation .words").forEach((words) => {
      if (state.place.phase === "update") {
        words.textContent = `− ${rateTold(state.problem.rate)}`;
      }
    });
    this.select(...this.selected);
  }
}
