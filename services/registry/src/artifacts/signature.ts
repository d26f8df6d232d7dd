import type { Datatype, TensorSpec } from '@headrace/model-runtime';
import type { OnnxHeader } from './onnx-header.js';

/** What a version takes and gives: checked when it is registered, kept with it. */
export interface Signature extends OnnxHeader {
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
  /** Column names of MLflow's signature, where one was logged; in the order of the input tensor. */
  readonly columns: readonly Column[] | null;
}

export interface Column {
  readonly name: string;
  /** MLflow's: double, float, integer, long, boolean, string, … */
  readonly type: string;
}

interface MlflowField {
  readonly type?: unknown;
  readonly name?: unknown;
}

/** Columns of MLflow's signature (`inputs` of MLmodel, JSON): null for one of tensors, which names none. @throws SyntaxError */
export function readColumns(inputs: string): Column[] | null {
  const fields = JSON.parse(inputs) as MlflowField[];
  const columns = fields.flatMap(({ name, type }) =>
    typeof name === 'string' && typeof type === 'string' && type !== 'tensor' ? [{ name, type }] : [],
  );
  return columns.length === fields.length && columns.length > 0 ? columns : null;
}

/** Why a file cannot be what its signature says, or undefined. One tensor takes all columns as [N, F]; several take one each, by name. */
export function signatureFault(inputs: readonly TensorSpec[], columns: readonly Column[] | null): string | undefined {
  if (columns === null) return undefined;
  const [only] = inputs;
  if (inputs.length === 1 && only) {
    const width = only.shape.length < 2 ? 1 : only.shape.slice(1).reduce((product, size) => product * size, 1);
    if (width < 0 || width === columns.length) return undefined;
    return `the signature names ${columns.length} columns, and the input '${only.name}' takes ${width}`;
  }
  const names = columns.map(({ name }) => name);
  const wanted = inputs.filter(({ name }) => !names.includes(name)).map(({ name }) => name);
  if (wanted.length > 0) return `the model takes ${wanted.join(', ')}, which the signature does not name`;
  const unknown = names.filter((name) => !inputs.some((input) => input.name === name));
  return unknown.length === 0 ? undefined : `the signature names ${unknown.join(', ')}, which the model does not take`;
}

const FROM_MLFLOW: Readonly<Record<string, string>> = {
  boolean: 'boolean',
  integer: 'int',
  long: 'long',
  float: 'float',
  double: 'double',
  string: 'string',
  datetime: 'long',
};
const FROM_TENSOR: Partial<Record<Datatype, string>> = {
  BOOL: 'boolean',
  INT32: 'int',
  INT64: 'long',
  FP32: 'float',
  FP64: 'double',
  BYTES: 'string',
};

/**
 * The schema (Avro, as JSON) of a topic that the version can be deployed on: a field a feature. Null where the model names no features, as one with a
 * single tensor and no logged signature does.
 */
export function topicSchema(model: string, { inputs, columns }: Signature): object | null {
  const fields =
    columns?.map(({ name, type }) => ({ name, type: FROM_MLFLOW[type] })) ??
    (inputs.length > 1 ? inputs.map(({ name, datatype }) => ({ name, type: FROM_TENSOR[datatype] })) : []);
  const usable = fields.every(({ name, type }) => type !== undefined && /^[A-Za-z_][A-Za-z0-9_]*$/.test(name));
  if (fields.length === 0 || !usable) return null;
  const name = `${model.replace(/[^A-Za-z0-9_]/g, '_').replace(/^(?=\d)/, '_')}_features`;
  return { type: 'record', name, namespace: 'dev.headrace.features', fields };
}
