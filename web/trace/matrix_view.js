// One matrix on the page: a table of numbers that can be looked at, asked for their sum, or changed.
import { element, nameElement, takeBackByEscape } from "./elements.js";
import { matrixTeller, numberTyped, toldExactly } from "./numbers.js";

// A larger matrix shows this much of it at a time.
const MAX_ROWS = 48;
const MAX_COLUMNS = 32;

// Which rows and columns are on the page, so that (row, column) is among them.
function windowAround(m, row, column) {
  const firstRow = Math.floor(row / MAX_ROWS) * MAX_ROWS;
  const firstColumn = Math.floor(column / MAX_COLUMNS) * MAX_COLUMNS;
  return {
    firstRow,
    endRow: Math.min(firstRow + MAX_ROWS, m.rows),
    firstColumn,
    endColumn: Math.min(firstColumn + MAX_COLUMNS, m.cols),
  };
}

function cellName(label, i, j) {
  return `${label}, row ${i + 1}, column ${j + 1}`;
}

// of: { label, isTransposed, kind, precision, value }; kind is "plain", "asked" (a cell is a button,
// and onSelect(i, j) is called when one is pointed at or focused) or "given" (a cell is a field, and
// onEdit(i, j, number) is called with each number that is typed into one, unless check(number) says what is
// wrong with it). shown may say which rows
// and columns are on the page at first.
export class MatrixView {
  constructor(of, { onSelect = () => {}, onEdit = () => {}, onProblem = () => {}, check = () => "" } = {}) {
    Object.assign(this, of, { onSelect, onEdit, onProblem, check });
    this.shown = of.shown ?? windowAround(this.value, 0, 0);
    this.table = element("table", { "aria-label": `${this.fullName()}, ${this.value.rows} by ${this.value.cols}` });
    this.scroller = element("div", { className: "scroller" }, this.table);
    this.pager = element("div", { className: "pager" });
    this.root = element("div", { className: `matrix ${this.kind}` }, this.caption(), this.scroller, this.pager);
    this.build();
  }

  fullName() {
    return this.label + (this.isTransposed ? " transposed" : "");
  }

  caption() {
    return element("div", { className: "caption", "aria-hidden": "true" },
      nameElement(this.label, this.isTransposed),
      element("span", { className: "shape" }, ` ${this.value.rows} × ${this.value.cols}`));
  }

  build() {
    const { firstRow, endRow, firstColumn, endColumn } = this.shown;
    this.textOf = matrixTeller(this.value, this.precision);
    this.cells = new Map();
    const rows = [];
    for (let i = firstRow; i < endRow; i++) {
      const row = element("tr");
      for (let j = firstColumn; j < endColumn; j++) {
        const cell = this.cell(i, j);
        this.cells.set(i * this.value.cols + j, cell);
        row.append(element("td", {}, cell));
      }
      rows.push(row);
    }
    this.table.replaceChildren(element("tbody", {}, rows));
    this.fitFields();
    this.buildPager();
  }

  cell(i, j) {
    const n = i * this.value.cols + j;
    const text = this.kind === "given" ? toldExactly(this.value.data[n]) : this.textOf(i, j);
    if (this.kind === "asked") {
      const select = () => this.onSelect(i, j);
      return element("button", {
        type: "button", className: "cell", onfocus: select, onmouseenter: select, onclick: select,
        "aria-label": `${cellName(this.fullName(), i, j)}: ${text}`,
      }, text);
    }
    if (this.kind === "given") {
      return takeBackByEscape(element("input", {
        type: "text", inputmode: "decimal", spellcheck: "false", autocomplete: "off", className: "cell",
        "aria-label": cellName(this.fullName(), i, j), value: text,
        oninput: (event) => this.edited(event.target, i, j), onfocus: () => this.onSelect(i, j),
        onmouseenter: () => this.onSelect(i, j), onblur: (event) => this.left(event.target, n),
      }));
    }
    return element("span", { className: "cell" }, text);
  }

  edited(field, i, j) {
    const value = numberTyped(field.value);
    const wrong = value === null ? `“${field.value}” is not a number; expected one such as 0.5 or -2e3`
      : this.check(value);
    field.setAttribute("aria-invalid", String(wrong !== ""));
    this.fitFields();
    if (wrong !== "") {
      this.onProblem(`${wrong}. ` +
        `${cellName(this.fullName(), i, j)} stays ${toldExactly(this.value.data[i * this.value.cols + j])}.`);
    } else {
      this.onProblem("");
      this.onEdit(i, j, value);
    }
  }

  // What is no number gives way to the last one that was.
  left(field, n) {
    if (field.getAttribute("aria-invalid") === "true") {
      field.setAttribute("aria-invalid", "false");
      this.onProblem("");
    }
    field.value = toldExactly(this.value.data[n]);
    this.fitFields();
  }

  // Fields of a column are as wide as its longest number.
  fitFields() {
    if (this.kind !== "given") {
      return;
    }
    const { firstRow, endRow, firstColumn, endColumn } = this.shown;
    for (let j = firstColumn; j < endColumn; j++) {
      const fields = [];
      for (let i = firstRow; i < endRow; i++) {
        fields.push(this.cells.get(i * this.value.cols + j));
      }
      const length = Math.max(2, ...fields.map((field) => field.value.length));
      fields.forEach((field) => {
        field.style.width = `${length + 1.2}ch`;
      });
    }
  }

  buildPager() {
    const { firstRow, endRow, firstColumn, endColumn } = this.shown;
    const { rows, cols } = this.value;
    const pages = [];
    const page = (what, first, end, all, size, move) => {
      if (end - first < all) {
        const button = (sign, to, name, isThere) => element("button", {
          type: "button", disabled: !isThere, "aria-label": `${name} ${what} of ${this.fullName()}`,
          onclick: () => move(to),
        }, sign);
        pages.push(element("span", {}, button("‹", first - size, "Earlier", first > 0),
          ` ${what} ${first + 1} to ${end} of ${all} `, button("›", first + size, "Later", end < all)));
      }
    };
    page("rows", firstRow, endRow, rows, MAX_ROWS, (to) => this.show(to, firstColumn));
    page("columns", firstColumn, endColumn, cols, MAX_COLUMNS, (to) => this.show(firstRow, to));
    this.pager.replaceChildren(...pages);
  }

  show(row, column) {
    const wanted = windowAround(this.value, row, column);
    if (wanted.firstRow !== this.shown.firstRow || wanted.firstColumn !== this.shown.firstColumn) {
      this.shown = wanted;
      this.build();
    }
  }

  // New numbers of the same shape, without touching the field that someone types into.
  refresh(value) {
    this.value = value;
    this.textOf = matrixTeller(value, this.precision);
    for (const [n, cell] of this.cells) {
      const [i, j] = [Math.floor(n / value.cols), n % value.cols];
      const text = this.kind === "given" ? toldExactly(value.data[n]) : this.textOf(i, j);
      if (this.kind === "given") {
        if (cell !== document.activeElement) {
          cell.value = text;
        }
      } else if (cell.textContent !== text) {
        cell.textContent = text;
        if (this.kind === "asked") {
          cell.setAttribute("aria-label", `${cellName(this.fullName(), i, j)}: ${text}`);
        }
      }
    }
    this.fitFields();
  }

  // Marks what enters a sum: { row, column }, either of them undefined for all; null marks nothing.
  mark(what, className) {
    if (what !== null) {
      this.show(what.row ?? this.shown.firstRow, what.column ?? this.shown.firstColumn);
    }
    for (const [n, cell] of this.cells) {
      const [i, j] = [Math.floor(n / this.value.cols), n % this.value.cols];
      const isIn = what !== null && (what.row ?? i) === i && (what.column ?? j) === j;
      cell.classList.toggle(className, isIn);
    }
    if (what !== null) {
      this.reveal(this.cells.get((what.row ?? this.shown.firstRow) * this.value.cols +
        (what.column ?? this.shown.firstColumn)), what);
    }
  }

  // Scrolls the marked row or column into the matrix' own frame; the page stays where it is.
  reveal(cell, what) {
    const [frame, box] = [this.scroller.getBoundingClientRect(), cell.getBoundingClientRect()];
    if (what.column !== undefined && (box.left < frame.left || box.right > frame.right)) {
      this.scroller.scrollLeft += box.left - frame.left - (frame.width - box.width) / 2;
    }
    if (what.row !== undefined && (box.top < frame.top || box.bottom > frame.bottom)) {
      this.scroller.scrollTop += box.top - frame.top - (frame.height - box.height) / 2;
    }
  }

  // A frame that scrolls and holds nothing to focus must be reachable itself.
  settle() {
    const { scroller } = this;
    const scrolls = scroller.scrollWidth > scroller.clientWidth + 1 || scroller.scrollHeight > scroller.clientHeight + 1;
    if (scrolls && this.kind === "plain") {
      scroller.tabIndex = 0;
      scroller.setAttribute("role", "group");
      scroller.setAttribute("aria-label", `${this.fullName()}, scrolls`);
    }
  }
}
