import { HeadraceError } from '@headrace/service-kit/errors';
import { protobufBytes, protobufFields } from './protobuf-fields.js';

type Kind = 'model' | 'training' | 'function' | 'graph' | 'node' | 'attribute' | 'sparse' | 'tensor';

/** Where tensors can be inside of which message of onnx.proto: field number → what it holds. */
const CHILDREN: Readonly<Record<Kind, Readonly<Record<number, Kind>>>> = {
  model: { 7: 'graph', 20: 'training', 25: 'function' },
  training: { 1: 'graph', 2: 'graph' },
  function: { 7: 'node' },
  graph: { 1: 'node', 5: 'tensor', 15: 'sparse' },
  node: { 5: 'attribute' },
  attribute: { 5: 'tensor', 6: 'graph', 10: 'tensor', 11: 'graph', 22: 'sparse', 23: 'sparse' },
  sparse: { 1: 'tensor', 2: 'tensor' },
  tensor: {},
};
const RAW_DATA = 9;
const EXTERNAL_DATA = 13;
const DATA_LOCATION = 14;
const EXTERNAL = 1;
/** A protobuf message, and what onnxruntime loads from memory, ends here. */
const MOST_BYTES = 2 ** 31 - 1;

interface Place {
  readonly location: string;
  readonly offset: number;
  /** Undefined: up to the file's end. */
  readonly length: number | undefined;
}

/**
 * Files beside an ONNX file that hold some of its tensors, each once. `onnx.save_model(…, save_as_external_data=True)`, and with it `mlflow.onnx`, writes every
 * tensor of 1 KiB or more so.
 * @throws HeadraceError MODEL_INVALID for a file outside of the model's folder; RangeError when the bytes are no protobuf message
 */
export function externalFiles(model: Uint8Array): string[] {
  const names = new Set<string>();
  rewritten(model, 'model', ({ location }) => {
    names.add(location);
    return new Uint8Array();
  });
  return [...names];
}

/**
 * The same model with all of its tensors in it. The same parts give the same bytes, so that a digest can name them together.
 * @param files by the names that externalFiles gives
 * @throws HeadraceError MODEL_INVALID when a file is missing or ends before its tensor does, or when all is more than 2 GiB
 */
export function selfContained(model: Uint8Array, files: ReadonlyMap<string, Uint8Array>): Uint8Array {
  const parts = rewritten(model, 'model', ({ location, offset, length }) => {
    const file = files.get(location);
    if (!file) throw invalid(`its tensors lie in '${location}', which is not beside it`);
    const end = length === undefined ? file.length : offset + length;
    if (end > file.length) throw invalid(`'${location}' ends at byte ${file.length}, a tensor in it at ${end}`);
    return file.subarray(offset, end);
  });
  const total = parts.reduce((sum, part) => sum + part.length, 0);
  if (total > MOST_BYTES)
    throw invalid(`with its external data it has ${total} bytes; at most ${MOST_BYTES} can be run`);
  const whole = new Uint8Array(total);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** The message in parts; what has no external tensor below it is one view of the old bytes. */
function rewritten(bytes: Uint8Array, kind: Kind, read: (place: Place) => Uint8Array): Uint8Array[] {
  if (kind === 'tensor') return rewrittenTensor(bytes, read);
  const parts: Uint8Array[] = [];
  let kept = 0;
  for (const { number, start, end, value } of protobufFields(bytes)) {
    const child = CHILDREN[kind][number];
    if (child === undefined || typeof value === 'number') continue;
    const inner = rewritten(value, child, read);
    if (inner.length === 1 && inner[0] === value) continue;
    parts.push(bytes.subarray(kept, start), ...protobufBytes(number, inner));
    kept = end;
  }
  return kept === 0 ? [bytes] : [...parts, bytes.subarray(kept)];
}

function rewrittenTensor(bytes: Uint8Array, read: (place: Place) => Uint8Array): Uint8Array[] {
  const entries: Record<string, string> = {};
  const others: Uint8Array[] = [];
  let isExternal = false;
  for (const { number, start, end, value } of protobufFields(bytes)) {
    if (number === DATA_LOCATION) isExternal = value === EXTERNAL;
    else if (number === EXTERNAL_DATA && typeof value !== 'number') Object.assign(entries, entryOf(value));
    else if (number !== RAW_DATA) others.push(bytes.subarray(start, end));
  }
  return isExternal ? [...others, ...protobufBytes(RAW_DATA, [read(placeOf(entries))])] : [bytes];
}

function entryOf(bytes: Uint8Array): Record<string, string> {
  let [key, text] = ['', ''];
  for (const { number, value } of protobufFields(bytes)) {
    if (typeof value === 'number') continue;
    if (number === 1) key = Buffer.from(value).toString();
    if (number === 2) text = Buffer.from(value).toString();
  }
  return { [key]: text };
}

function placeOf({ location = '', offset = '0', length }: Record<string, string>): Place {
  const isInside = location !== '' && !/^[/\\]|^[a-z]:|\0/i.test(location) && !location.split(/[/\\]/).includes('..');
  if (!isInside) throw invalid(`its tensors lie in '${location.slice(0, 200)}', which is outside of its folder`);
  const numbers = { offset: Number(offset), length: length === undefined ? undefined : Number(length) };
  for (const [name, number] of Object.entries(numbers))
    if (number !== undefined && !(Number.isSafeInteger(number) && number >= 0))
      throw invalid(`the ${name} of a tensor in '${location}' is no number of bytes`);
  return { location, ...numbers };
}

function invalid(what: string): HeadraceError {
  return new HeadraceError('MODEL_INVALID', `The ONNX file cannot be loaded: ${what}`);
}
