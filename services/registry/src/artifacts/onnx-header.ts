/** What an ONNX file says of itself before anything of it is run. */
export interface OnnxHeader {
  readonly irVersion: number;
  /** Of each operator set; '' is ONNX's own. */
  readonly opsets: Readonly<Record<string, number>>;
}

const VARINT = 0;
const FIXED64 = 1;
const LENGTH = 2;
const FIXED32 = 5;

/**
 * Reads fields 1 (ir_version) and 8 (opset_import) of ModelProto (onnx.proto), and walks past the others: no need to parse the weights.
 * @throws RangeError when the bytes are no protobuf message
 */
export function readOnnxHeader(bytes: Uint8Array): OnnxHeader {
  let irVersion = 0;
  const opsets: Record<string, number> = {};
  for (const field of fieldsOf(bytes)) {
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
  for (const { number, value } of fieldsOf(bytes)) {
    if (number === 1 && typeof value !== 'number') domain = new TextDecoder().decode(value);
    if (number === 2 && typeof value === 'number') version = value;
  }
  return [domain, version];
}

interface Field {
  readonly number: number;
  readonly value: number | Uint8Array;
}

function* fieldsOf(bytes: Uint8Array): Generator<Field> {
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = bytes[at++];
      if (byte === undefined || scale > 2 ** 63) throw new RangeError('no protobuf message: it ends amid a number');
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
  };
  const skip = (length: number): Uint8Array => {
    if (length > bytes.length - at) throw new RangeError('no protobuf message: a field is longer than what is left');
    return bytes.subarray(at, (at += length));
  };
  while (at < bytes.length) {
    const tag = varint();
    const [number, wire] = [Math.floor(tag / 8), tag % 8];
    if (wire === VARINT) yield { number, value: varint() };
    else if (wire === LENGTH) yield { number, value: skip(varint()) };
    else if (wire === FIXED64 || wire === FIXED32) skip(wire === FIXED64 ? 8 : 4);
    else throw new RangeError(`no protobuf message: wire type ${wire}`);
  }
}
