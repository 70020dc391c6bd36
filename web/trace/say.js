// Sums as lists of pieces: text, and numbers that know from which operand they come.

// A number from the operand with that index in the equation; undefined: from none of them.
export function number(value, part) {
  return { value, part };
}

// say`${a}*(1 - ${b})` is a flat list of pieces; lists, numbers of the sum and counts may be put in.
export function say(texts, ...inserted) {
  const pieces = [];
  texts.forEach((text, n) => {
    if (text !== "") {
      pieces.push(text);
    }
    if (n < inserted.length) {
      const put = typeof inserted[n] === "number" ? String(inserted[n]) : inserted[n];
      pieces.push(...[put].flat());
    }
  });
  return pieces;
}

// Most terms of a sum that are written out.
const MAX_TERMS = 120;

// Lists of pieces with a sign between them.
export function joined(terms, sign = " + ") {
  const shown = terms.slice(0, MAX_TERMS);
  const pieces = shown.flatMap((term, n) => (n === 0 ? term : [sign, ...[term].flat()]));
  const left = terms.length - shown.length;
  return left > 0 ? [...pieces, `${sign}… (${left} more)`] : pieces;
}
