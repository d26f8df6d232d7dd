import type { Standardisation } from '../trainers/standardise.js';
import { OnnxGraph } from './onnx-graph.js';

export interface DenseLayer {
  /** Row-major [inputs × units]. */
  readonly weights: Float32Array;
  readonly bias: Float32Array;
  readonly activation: 'Relu' | 'Sigmoid';
}

/**
 * A network as ONNX that takes raw features: NaN → mean, standardise, then Gemm and activation a layer. So whoever serves the
 * model preprocesses nothing, and cannot do it otherwise than training did.
 */
export function exportDenseNetwork(
  standardisation: Standardisation,
  layers: readonly DenseLayer[],
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  const width = standardisation.mean.length;
  const graph = new OnnxGraph('dense');
  let value = standardised(graph, graph.input('features', ['N', width]), standardisation);
  layers.forEach((layer, at) => {
    const units = layer.bias.length;
    const weights = graph.constant(`weights_${at}`, layer.weights, [layer.weights.length / units, units]);
    const bias = graph.constant(`bias_${at}`, layer.bias, [units]);
    const sum = graph.node('Gemm', [value, weights, bias], `sum_${at}`);
    value = graph.node(layer.activation, [sum], at === layers.length - 1 ? 'probability' : `layer_${at}`);
  });
  graph.output('probability', ['N', 1]);
  return graph.encode(metadata);
}

function standardised(graph: OnnxGraph, features: string, { mean, deviation }: Standardisation): string {
  const means = graph.constant('mean', mean, [1, mean.length]);
  const deviations = graph.constant('deviation', deviation, [1, deviation.length]);
  const missing = graph.node('IsNaN', [features], 'missing');
  const filled = graph.node('Where', [missing, means, features], 'filled');
  return graph.node('Div', [graph.node('Sub', [filled, means], 'centred'), deviations], 'standardised');
}
