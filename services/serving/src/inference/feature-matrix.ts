import { invalid, type RequestTensor } from './infer-request.js';
import { tensorValues } from './tensor-values.js';

export interface FeatureMatrix {
  readonly rows: number;
  /** rows × features, row-major, in the deployment's order. */
  readonly values: Float64Array;
}

/**
 * The features of a request: one tensor `matrixName` [N, F] with the deployment's features in order, or a tensor [N] or [N, 1] for
 * each feature, by name.
 * @throws HeadraceError INPUT_INVALID saying which tensor does not fit, and what is expected
 */
export function featureMatrix(
  inputs: readonly RequestTensor[],
  features: readonly string[],
  matrixName: string,
  maxRows: number,
): FeatureMatrix {
  const [only] = inputs;
  const whole = inputs.length === 1 && only?.name === matrixName && !(features.length === 1 && only.shape.length === 1);
  return whole ? fromMatrix(only, features, maxRows) : fromColumns(inputs, features, matrixName, maxRows);
}

function fromMatrix(tensor: RequestTensor, features: readonly string[], maxRows: number): FeatureMatrix {
  const { name, shape } = tensor;
  if (shape.length !== 2 || shape[1] !== features.length)
    throw invalid(
      `input '${name}': expected shape [N, ${features.length}] (${features.join(', ')}), got [${shape.join(', ')}]`,
    );
  const rows = limited(shape[0]!, maxRows);
  return { rows, values: tensorValues(tensor) };
}

function fromColumns(
  inputs: readonly RequestTensor[],
  features: readonly string[],
  matrixName: string,
  maxRows: number,
): FeatureMatrix {
  // A model of one feature may call its one input differently.
  const nameOf = (tensor: RequestTensor) =>
    features.length === 1 && tensor.name === matrixName ? features[0]! : tensor.name;
  const byName = new Map(inputs.map((tensor) => [nameOf(tensor), tensor]));
  const fits =
    byName.size === inputs.length && inputs.length === features.length && features.every((name) => byName.has(name));
  if (!fits)
    throw invalid(
      `inputs are ${inputs.map(({ name }) => `'${name}'`).join(', ')}; expected one tensor '${matrixName}' of shape ` +
        `[N, ${features.length}], or one tensor each, once, for ${features.join(', ')}`,
    );
  const rows = limited(inputs[0]!.shape[0] ?? 0, maxRows);
  const values = new Float64Array(rows * features.length);
  features.forEach((feature, column) => {
    const tensor = byName.get(feature)!;
    if (tensor.shape[0] !== rows || tensor.shape.length > 2 || (tensor.shape[1] ?? 1) !== 1)
      throw invalid(`input '${feature}': expected shape [${rows}] or [${rows}, 1], got [${tensor.shape.join(', ')}]`);
    tensorValues(tensor).forEach((value, row) => (values[row * features.length + column] = value));
  });
  return { rows, values };
}

function limited(rows: number, maxRows: number): number {
  if (rows < 1) throw invalid('no rows');
  if (rows > maxRows) throw invalid(`${rows} rows; at most ${maxRows} in one request`);
  return rows;
}
