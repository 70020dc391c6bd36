// Numbers as text: the rules by which the program writes them, and reading what someone typed.

// From here on fixed notation gets too wide for its last digits to matter.
const SCIENTIFIC_FROM = 1e8;

// More than any number needs that lies in the middle of two with 17 decimals.
const MOST_DECIMALS = 100;

function needsExponent(largest, precision) {
  const smallest = precision > 1 ? 10 ** (1 - precision) : 10 ** -precision;
  return largest >= SCIENTIFIC_FROM || (largest > 0 && largest < smallest);
}

// A number between two that can be written goes to the nearer one, and from the middle to the one
// with an even last digit, as the program does; JavaScript would take the larger. write(decimals)
// writes the number with so many, exactly.
function rounded(write, decimals) {
  const [longer, ending = ""] = write(decimals + 1).split("e");
  const isBelow = /[02468]\.?5$/.test(longer) && /^0*(e|$)/.test(write(MOST_DECIMALS).slice(longer.length));
  return isBelow ? longer.replace(/\.?5$/, "") + (ending && `e${ending}`) : write(decimals);
}

function write(value, form) {
  if (form.isScientific) {
    return value === 0 ? "0" : withExponent(value, form.decimals);
  }
  const text = rounded((decimals) => value.toFixed(decimals), form.decimals);
  return /^-[0.]*$/.test(text) ? text.slice(1) : text;
}

// An exponent has at least two digits.
function withExponent(value, decimals) {
  return rounded((n) => value.toExponential(n), decimals).replace(/e([+-])(\d)$/, "e$10$2");
}

function withoutZeros(text) {
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

function decimalsNeeded(value, form) {
  return form.isScientific ? form.decimals : (withoutZeros(write(value, form)).split(".")[1] ?? "").length;
}

// One number with at most `precision` decimals, without zeros at its end.
export function told(value, precision) {
  const form = { isScientific: needsExponent(Math.abs(value), precision), decimals: precision };
  return form.isScientific ? write(value, form) : withoutZeros(write(value, form));
}

// Digits of a rate, in the formula of an update and in the closing sentence.
const RATE_DIGITS = 15;

// The rate as the program writes it.
export function rateTold(rate) {
  const [digits, exponent] = withExponent(rate, RATE_DIGITS - 1).split("e");
  const isFixed = exponent >= -4 && exponent < RATE_DIGITS;
  return isFixed ? withoutZeros(rounded((n) => rate.toFixed(n), RATE_DIGITS - 1 - exponent))
    : `${withoutZeros(digits)}e${exponent}`;
}

// The shortest text that gives back the very same double.
export function toldExactly(value) {
  return String(value === 0 ? 0 : value);
}

// told(i, j), the text of a number of the matrix; as many decimals in a column as its numbers need.
export function matrixTeller(m, precision) {
  const largest = m.data.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
  const isScientific = needsExponent(largest, precision);
  const decimals = Array.from({ length: m.cols }, (_, j) => {
    let needed = 0;
    for (let i = 0; i < m.rows && needed < precision; i++) {
      needed = Math.max(needed, decimalsNeeded(m.data[i * m.cols + j], { isScientific, decimals: precision }));
    }
    return needed;
  });
  return (i, j) => write(m.data[i * m.cols + j], { isScientific, decimals: decimals[j] });
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
