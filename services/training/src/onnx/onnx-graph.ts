import { ModelProto } from './onnx-schema.js';

/** IR 8 with operator set 17: read by ONNX Runtime from 1.12 on, and by every current one. */
const IR_VERSION = 8;
const OPSET_VERSION = 17;
/** TensorProto.DataType.FLOAT. */
const FLOAT = 1;

/** A dimension's size, or its name when it varies. */
type Dimension = number | string;

/** Collects nodes in order of computation and encodes them as an ONNX model. */
export class OnnxGraph {
  private readonly nodes: object[] = [];
  private readonly initializers: object[] = [];
  private readonly inputs: object[] = [];
  private readonly outputs: object[] = [];

  constructor(private readonly name: string) {}

  input(name: string, shape: readonly Dimension[]): string {
    this.inputs.push(valueInfo(name, shape));
    return name;
  }

  output(name: string, shape: readonly Dimension[]): void {
    this.outputs.push(valueInfo(name, shape));
  }

  constant(name: string, values: Float32Array, dims: readonly number[]): string {
    this.initializers.push({ name, dims, dataType: FLOAT, rawData: littleEndian(values) });
    return name;
  }

  /** Adds one operator; returns the name of its only output. */
  node(opType: string, inputs: readonly string[], output: string): string {
    this.nodes.push({ name: output, opType, input: inputs, output: [output] });
    return output;
  }

  encode(metadata: Readonly<Record<string, string>>): Uint8Array {
    const model = {
      irVersion: IR_VERSION,
      producerName: 'headrace',
      opsetImport: [{ domain: '', version: OPSET_VERSION }],
      graph: {
        name: this.name,
        node: this.nodes,
        initializer: this.initializers,
        input: this.inputs,
        output: this.outputs,
      },
      metadataProps: Object.entries(metadata).map(([key, value]) => ({ key, value })),
    };
    return ModelProto.encode(ModelProto.fromObject(model)).finish();
  }
}

function valueInfo(name: string, shape: readonly Dimension[]): object {
  const dim = shape.map((size) => (typeof size === 'number' ? { dimValue: size } : { dimParam: size }));
  return { name, type: { tensorType: { elemType: FLOAT, shape: { dim } } } };
}

function littleEndian(values: Float32Array): Uint8Array {
  const bytes = new DataView(new ArrayBuffer(values.length * 4));
  values.forEach((value, at) => bytes.setFloat32(at * 4, value, true));
  return new Uint8Array(bytes.buffer);
}
