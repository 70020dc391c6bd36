// The figure of the pass: a row for each part of a step, a column for each place in the network, and
// a button for each value, so that one sees where one is and what is before and behind.
import { element, nameElement } from "./elements.js";

const ROWS = [
  { name: "Given", phases: ["given"], sign: "" },
  { name: "Forward", phases: ["forward", "error"], sign: "→" },
  { name: "Backward", phases: ["backward"], sign: "←" },
  { name: "Update", phases: ["update"], sign: "↓" },
];

// The column of a value: 0 is the input, then the layers, then the error.
function columnOf(place, nLayers) {
  const name = place.phase === "backward" ? place.words.name.slice(1) : place.words.name;
  if (name === "X") {
    return 0;
  }
  if (name === "prediction") {
    return nLayers;
  }
  const number = name.match(/\d+$/);
  return number === null ? nLayers + 1 : Number(number[0]);
}

export class MapView {
  // onGo(index) is called when a value is chosen.
  constructor(root, network, onGo) {
    Object.assign(this, { root, network, onGo, buttons: [] });
  }

  // places: all of a run; step: 1 to its last; what is given stands above every step.
  build(places, step) {
    const nLayers = this.network.layers.length;
    const shown = [...places.ofWholeStep(0), ...places.ofWholeStep(step)];
    const columns = ["input", ...this.network.layers.map((_, l) =>
      (l + 1 === nLayers ? "output" : `layer ${l + 1}`)), "error"];
    this.buttons = [];
    const head = element("tr", {}, element("td"),
      columns.map((name) => element("th", { scope: "col" }, name)));
    const rows = ROWS.map((row) => {
      const inRow = shown.filter((place) => row.phases.includes(place.phase));
      const cells = columns.map((_, column) => {
        const here = inRow.filter((place) => columnOf(place, nLayers) === column);
        return element("td", {}, element("div", { className: "chips" }, here.map((place) => this.chip(place))));
      });
      const name = [row.name, element("span", { "aria-hidden": "true" }, ` ${row.sign}`)];
      return element("tr", { className: `row-${row.phases[0]}` }, element("th", { scope: "row" }, name), cells);
    });
    this.root.replaceChildren(element("table", {}, element("thead", {}, head), element("tbody", {}, rows)));
  }

  chip(place) {
    const button = element("button", {
      type: "button", className: `chip ${place.phase}`, title: place.words.meaning,
      "aria-label": place.key,
      onclick: () => this.onGo(place.index),
    }, nameElement(place.words.name.replace(/ norm$/, "")));
    this.buttons.push({ button, place });
    return button;
  }

  // last: the index of the last value that can be reached; hasOverflow: it is one that overflows.
  mark(index, last, hasOverflow) {
    for (const { button, place } of this.buttons) {
      const isNow = place.index === index;
      button.dataset.state = place.index > last ? "lost"
        : hasOverflow && place.index === last ? "overflow"
          : place.index <= index ? "done" : "ahead";
      button.disabled = place.index > last;
      button.toggleAttribute("aria-current", isNow);
      if (isNow) {
        button.setAttribute("aria-current", "step");
        this.reveal(button);
      }
    }
  }

  reveal(button) {
    const [frame, box] = [this.root.getBoundingClientRect(), button.getBoundingClientRect()];
    if (box.left < frame.left || box.right > frame.right) {
      this.root.scrollLeft += box.left - frame.left - (frame.width - box.width) / 2;
    }
  }
}
