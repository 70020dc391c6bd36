// Networks that together have every activation, loss and kind of layer, made from one seed.

// Numbers near -1 to 1, the same in every run.
function randomNumbers(seed) {
  let state = seed;
  return () => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return Math.round((state / 1073741824 - 1) * 1000) / 1000;
  };
}

function rows(n, m, next) {
  return Array.from({ length: n }, () => Array.from({ length: m }, next));
}

// Targets that the loss allows.
function target(loss, n, m, next) {
  if (loss === "hinge") {
    return rows(n, m, () => (next() > 0 ? 1 : -1));
  }
  if (loss === "cross-entropy") {
    return rows(n, m, () => 0).map((row, i) => row.map((_, k) => (k === i % m ? 1 : 0)));
  }
  return loss === "binary-cross-entropy" ? rows(n, m, () => Math.abs(next())) : rows(n, m, next);
}

// sizes: inputs and units of each layer; layers: what each has besides its weights.
function network(description, loss, sizes, layers, seed) {
  const next = randomNumbers(seed);
  const nSamples = 5;
  return {
    description,
    input: rows(nSamples, sizes[0], () => 2 * next()),
    target: target(loss, nSamples, sizes.at(-1), next),
    loss,
    rate: 0.1,
    layers: layers.map(({ hasBias = true, ...layer }, l) => ({
      weights: rows(sizes[l], sizes[l + 1], next),
      ...(hasBias ? { bias: rows(1, sizes[l + 1], next)[0] } : {}),
      ...(layer.normalize ? { gain: rows(1, sizes[l + 1], next)[0], shift: rows(1, sizes[l + 1], next)[0] } : {}),
      ...layer,
    })),
  };
}

export function networksOf(activations, losses) {
  const byActivation = activations.map((activation, i) =>
    network(`hidden ${activation}`, "mean-squared-error", [3, 4, 3, 2],
      [{ activation }, { activation, hasBias: i % 2 === 0 }, {}], 100 + i));
  const byOutput = activations.map((activation, i) =>
    network(`output ${activation}`, "half-sum-of-squares", [2, 3, 3], [{}, { activation }], 200 + i));
  const byLoss = losses.map((loss, i) =>
    network(`loss ${loss}`, loss, [3, 5, 4], [{ activation: "tanh" }, {}], 300 + i));
  const byNorm = activations.map((activation, i) =>
    network(`normalised ${activation}`, "huber", [3, 4, 4, 2],
      [{ activation, normalize: true, hasBias: false }, { activation, normalize: true }, {}], 400 + i));
  const others = [
    network("one unit", "half-sum-of-squares", [1, 1], [{ hasBias: false }], 500),
    network("large sums", "binary-cross-entropy", [2, 2], [{ weights: [[400, -300], [90, 250]] }], 501),
    network("on the kinks", "mean-absolute-error", [2, 3, 1],
      [{ activation: "leaky-relu", weights: [[0, 0, 1], [0, 0, 0]], hasBias: false }, { activation: "elu" }], 502),
    network("rows of equal sums", "half-sum-of-squares", [2, 3, 2],
      [{ activation: "tanh", normalize: true, hasBias: false, weights: [[0.1, 0.1, 0.1], [0.7, 0.7, 0.7]] }, {}], 503),
  ];
  return [...byActivation, ...byOutput, ...byLoss, ...byNorm, ...others];
}
