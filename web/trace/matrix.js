// Dense matrices in double precision: { rows, cols, data }, row-major, sample before feature.

export function matrix(rows, cols) {
  return { rows, cols, data: new Float64Array(rows * cols) };
}

export function matrixFromRows(list) {
  const m = matrix(list.length, list[0].length);
  list.forEach((row, i) => m.data.set(row, i * m.cols));
  return m;
}

export function copyOf(m) {
  return { rows: m.rows, cols: m.cols, data: m.data.slice() };
}

export function at(m, i, j) {
  return m.data[i * m.cols + j];
}

export function transpose(m) {
  const t = matrix(m.cols, m.rows);
  for (let i = 0; i < m.rows; i++) {
    for (let j = 0; j < m.cols; j++) {
      t.data[j * m.rows + i] = m.data[i * m.cols + j];
    }
  }
  return t;
}

// a b, plus a row `start` (1, cols) in each row when there is one. Every sum runs in ascending order
// from its start, as in the program; a whole row of them at a time, which reads b as it lies.
export function product(a, b, start = null) {
  const out = matrix(a.rows, b.cols);
  const [left, right, { rows, cols }, inner] = [a.data, b.data, out, a.cols];
  for (let i = 0; i < rows; i++) {
    const sums = rowOf(out, i);
    if (start !== null) {
      sums.set(start.data);
    }
    for (let k = 0; k < inner; k++) {
      const x = left[i * inner + k];
      for (let j = 0; j < cols; j++) {
        sums[j] += x * right[k * cols + j];
      }
    }
  }
  return out;
}

// f of the elements at each place of one to three matrices of one shape.
export function elementwise(f, first, second = first, third = first) {
  const out = matrix(first.rows, first.cols);
  for (let n = 0; n < out.data.length; n++) {
    out.data[n] = f(first.data[n], second.data[n], third.data[n]);
  }
  return out;
}

// f(row, rows of the others ...) gives each row of the result, a list of numbers.
export function rowwise(f, first, ...others) {
  const out = matrix(first.rows, first.cols);
  for (let i = 0; i < first.rows; i++) {
    out.data.set(f(rowOf(first, i), ...others.map((m) => rowOf(m, i))), i * first.cols);
  }
  return out;
}

export function rowOf(m, i) {
  return m.data.subarray(i * m.cols, (i + 1) * m.cols);
}

export function columnSums(m) {
  const out = matrix(1, m.cols);
  for (let i = 0; i < m.rows; i++) {
    for (let j = 0; j < m.cols; j++) {
      out.data[j] += m.data[i * m.cols + j];
    }
  }
  return out;
}

export function allFinite(m) {
  return m.data.every(Number.isFinite);
}
