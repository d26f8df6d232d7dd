import { protobufFields } from '@headrace/model-runtime';

/** What an ONNX file says of itself before anything of it is run. */
export interface OnnxHeader {
  readonly irVersion: number;
  /** Of each operator set; '' is ONNX's own. */
  readonly opsets: Readonly<Record<string, number>>;
}

/**
 * Reads fields 1 (ir_version) and 8 (opset_import) of ModelProto (onnx.proto), and walks past the others: no need to parse the weights.
 * @throws RangeError when the bytes are no protobuf message
 */
export function readOnnxHeader(bytes: Uint8Array): OnnxHeader {
  let irVersion = 0;
  const opsets: Record<string, number> = {};
  for (const field of protobufFields(bytes)) {
    if (field.number === 1 && typeof field.value === 'number') irVersion = field.value;
    if (field.number === 8 && typeof field.value !== 'number') {
      const [domain, version] = readOpset(field.value);
      opsets[domain] = version;
    }
  }
  return { irVersion, opsets };
}

function readOpset(bytes: Uint8Array): [string, number] {
  let [domain, version] = ['', 0];
  for (const { number, value } of protobufFields(bytes)) {
    if (number === 1 && typeof value !== 'number') domain = new TextDecoder().decode(value);
    if (number === 2 && typeof value === 'number') version = value;
  }
  return [domain, version];
}
