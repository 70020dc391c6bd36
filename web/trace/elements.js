// Building elements; text goes in as text, never as markup.

// element("button", { type: "button", onclick }, "text", child ...): properties and attributes.
export function element(name, properties = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key.startsWith("on") || key === "className" || key === "textContent" || key === "value") {
      made[key] = value;
    } else if (value !== null && value !== false) {
      made.setAttribute(key, value === true ? "" : value);
    }
  }
  made.append(...children.flat().filter((child) => child !== null));
  return made;
}

// Escape brings back what stood in a field when it got the focus.
export function takeBackByEscape(field) {
  field.addEventListener("focus", () => {
    field.dataset.before = field.value;
  });
  field.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && field.value !== field.dataset.before) {
      field.value = field.dataset.before;
      field.dispatchEvent(new Event("input"));
    }
  });
  return field;
}

// Runs a change of what stands in `root`. A field that is made anew by it keeps focus, text and caret.
export function keepingField(root, change) {
  const old = document.activeElement;
  const label = root.contains(old) && old instanceof HTMLInputElement ? old.getAttribute("aria-label") : null;
  const { value, selectionStart } = old;
  change();
  const made = label === null || old.isConnected ? undefined
    : [...root.querySelectorAll("input")].find((field) => field.getAttribute("aria-label") === label);
  if (made !== undefined) {
    made.focus({ preventScroll: true });
    made.value = value;
    made.dataset.before = old.dataset.before;
    made.setSelectionRange(selectionStart, selectionStart);
  }
}

// "dW1" with its number set low; the transpose's stroke is a prime.
export function nameElement(name, isTransposed = false) {
  const [, word, index] = name.match(/^(.*?)(\d*)$/);
  const isSymbol = /^d?[A-Za-z]$/.test(word);
  const made = element("span", { className: isSymbol ? "name symbol" : "name" });
  made.append(word);
  if (index !== "") {
    made.append(element("sub", {}, index));
  }
  if (isTransposed) {
    made.append("\u2032");
  }
  return made;
}

// A formula of the program, its names set as names and the rest as it is.
export function formulaElement(formula) {
  const made = element("span", { className: "formula" });
  for (const piece of formula.split(/(\b[a-zA-Z]+\d+'?|\b[a-zA-Z]\b'?|\bd?prediction\b)/)) {
    if (/^([a-zA-Z]+\d+|[a-zA-Z]|d?prediction)'?$/.test(piece)) {
      made.append(nameElement(piece.replace("'", ""), piece.endsWith("'")));
    } else {
      made.append(piece.replaceAll(".*", "\u2299").replaceAll(" - ", " \u2212 "));
    }
  }
  return made;
}
