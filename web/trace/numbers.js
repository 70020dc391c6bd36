// Numbers as text: the rules by which the program writes them, and reading what someone typed.

// From here on fixed notation gets too wide for its last digits to matter.
const SCIENTIFIC_FROM = 1e8;

function needsExponent(largest, precision) {
  const smallest = precision > 1 ? 10 ** (1 - precision) : 10 ** -precision;
  return largest >= SCIENTIFIC_FROM || (largest > 0 && largest < smallest);
}

function write(value, form) {
  if (form.isScientific) {
    return value === 0 ? "0" : value.toExponential(form.decimals);
  }
  const text = value.toFixed(form.decimals);
  return /^-[0.]*$/.test(text) ? text.slice(1) : text;
}

function decimalsNeeded(value, form) {
  const [, decimals = ""] = write(value, form).split(".");
  return form.isScientific ? form.decimals : decimals.replace(/0+$/, "").length;
}

// One number with at most `precision` decimals, without zeros at its end.
export function told(value, precision) {
  const form = { isScientific: needsExponent(Math.abs(value), precision), decimals: precision };
  return write(value, { ...form, decimals: decimalsNeeded(value, form) });
}

// The shortest text that gives back the very same double.
export function toldExactly(value) {
  return String(value === 0 ? 0 : value);
}

// The numbers of a matrix as text, as many decimals in a column as its numbers need.
export function toldMatrix(m, precision) {
  const largest = m.data.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
  const form = { isScientific: needsExponent(largest, precision), decimals: precision };
  const texts = new Array(m.data.length);
  for (let j = 0; j < m.cols; j++) {
    let decimals = 0;
    for (let i = 0; i < m.rows; i++) {
      decimals = Math.max(decimals, decimalsNeeded(m.data[i * m.cols + j], form));
    }
    for (let i = 0; i < m.rows; i++) {
      const n = i * m.cols + j;
      texts[n] = write(m.data[n], { ...form, decimals });
    }
  }
  return texts;
}

// The number that was typed, or null: a decimal comma and a typographic minus are understood.
export function numberTyped(text) {
  const plain = text.trim().replace("\u2212", "-").replace(/^([^.]*),([^,.]*)$/, "$1.$2");
  if (!/^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(plain)) {
    return null;
  }
  const value = Number(plain);
  return Number.isFinite(value) ? value : null;
}
