// One training step of a fully connected network: forward, error, backward, update.
//
// Values are called as in the program's trace: "Z1", "A1", "prediction", "dW1". The functions read
// the values that they need by name and give each new one to put(phase, name, matrix), in the order
// of the trace.
import { activate, activationGradient } from "./activations.js";
import { lossGradient, lossValue } from "./losses.js";
import { columnSums, elementwise, product, transpose } from "./matrix.js";
import { gainGradient, normalise, normGradient } from "./normalisation.js";
import { frobeniusNorm, oneNumber, spectralNorm } from "./norms.js";

// What the values of layer l, counted from 0, are called: z are the weighted sums, normed what
// enters the activation, a what leaves it. A value that is the same as the next has its name.
export function layerNames(network, l) {
  const outputOf = (k) => (k + 1 === network.layers.length ? "prediction" : `A${k + 1}`);
  const layer = network.layers[l];
  const a = outputOf(l);
  const isIdentity = layer.activation === "identity";
  const normed = isIdentity ? a : `${layer.normalize ? "N" : "Z"}${l + 1}`;
  return {
    number: l + 1,
    activation: layer.activation,
    isIdentity,
    x: l === 0 ? "X" : outputOf(l - 1),
    z: layer.normalize ? `Z${l + 1}` : normed,
    normed,
    a,
    weights: `W${l + 1}`,
    bias: layer.bias ? `b${l + 1}` : null,
    gain: layer.normalize ? `gain${l + 1}` : null,
    shift: layer.normalize ? `shift${l + 1}` : null,
  };
}

export function allLayers(network) {
  return network.layers.map((_, l) => layerNames(network, l));
}

function parametersOf(of) {
  return [of.weights, of.bias, of.gain, of.shift].filter((name) => name !== null);
}

// The parameters' names, in the order of the trace.
export function parameterNames(network) {
  return allLayers(network).flatMap(parametersOf);
}

export function forward(network, values, put) {
  for (const of of allLayers(network)) {
    const bias = of.bias === null ? null : values.get(of.bias);
    put("forward", of.z, product(values.get(of.x), values.get(of.weights), bias));
    if (of.gain !== null) {
      const normed = normalise(values.get(of.z), values.get(of.gain), values.get(of.shift));
      put("forward", of.normed, normed);
    }
    if (!of.isIdentity) {
      put("forward", of.a, activate(of.activation, values.get(of.normed)));
    }
  }
}

export function measureError(network, values, put) {
  const prediction = values.get("prediction");
  const error = elementwise((a, y) => a - y, prediction, values.get("Y"));
  put("error", "error", error);
  put("error", "spectral norm", oneNumber(spectralNorm(error)));
  put("error", "Frobenius norm", oneNumber(frobeniusNorm(error)));
  put("error", "loss", oneNumber(lossValue(network.loss, prediction, values.get("Y"))));
}

function gradientAtOutput(network, values, l) {
  if (l + 1 === network.layers.length) {
    return lossGradient(network.loss, values.get("prediction"), values.get("Y"));
  }
  const next = layerNames(network, l + 1);
  return product(values.get(`d${next.z}`), transpose(values.get(next.weights)));
}

function normGradients(of, values, put) {
  const dNormed = values.get(`d${of.normed}`);
  put("backward", `d${of.gain}`, gainGradient(dNormed, values.get(of.z)));
  put("backward", `d${of.shift}`, columnSums(dNormed));
}

export function backward(network, values, put) {
  for (const of of allLayers(network).reverse()) {
    put("backward", `d${of.a}`, gradientAtOutput(network, values, of.number - 1));
    if (!of.isIdentity) {
      const [da, normed, a] = [`d${of.a}`, of.normed, of.a].map((name) => values.get(name));
      put("backward", `d${of.normed}`, activationGradient(of.activation, da, normed, a));
    }
    if (of.gain !== null) {
      const [dNormed, z, gain] = [`d${of.normed}`, of.z, of.gain].map((name) => values.get(name));
      put("backward", `d${of.z}`, normGradient(dNormed, z, gain));
    }
    const dz = values.get(`d${of.z}`);
    put("backward", `d${of.weights}`, product(transpose(values.get(of.x)), dz));
    if (of.bias !== null) {
      put("backward", `d${of.bias}`, columnSums(dz));
    }
    if (of.gain !== null) {
      normGradients(of, values, put);
    }
  }
}

// A parameter after the step is called "new W1".
export function update(network, values, rate, put) {
  for (const name of parameterNames(network)) {
    const step = (w, d) => w - rate * d;
    put("update", `new ${name}`, elementwise(step, values.get(name), values.get(`d${name}`)));
  }
}
