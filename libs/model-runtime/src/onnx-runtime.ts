import { HeadraceError, messageOf } from '@headrace/service-kit/errors';
import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import type { Datatype, LoadedModel, ModelRuntime, Tensor, TensorData, TensorSpec } from './model-runtime.js';

const DATATYPES: Readonly<Record<string, Datatype>> = {
  bool: 'BOOL',
  uint8: 'UINT8',
  uint16: 'UINT16',
  uint32: 'UINT32',
  uint64: 'UINT64',
  int8: 'INT8',
  int16: 'INT16',
  int32: 'INT32',
  int64: 'INT64',
  float16: 'FP16',
  float32: 'FP32',
  float64: 'FP64',
  string: 'BYTES',
};
const ORT_TYPES = Object.fromEntries(Object.entries(DATATYPES).map(([ort, ours]) => [ours, ort]));

/** One thread: partitions and processes are the unit of parallelism, and a second thread costs more than it gains. */
const SESSION_OPTIONS: InferenceSession.SessionOptions = {
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  executionMode: 'sequential',
  logSeverityLevel: 4,
};

/** ONNX models through onnxruntime. Only tensors go in and out; sequences and maps are refused at load. */
export class OnnxRuntime implements ModelRuntime {
  readonly name = 'onnx';

  async load(bytes: Uint8Array): Promise<LoadedModel> {
    let session: InferenceSession;
    try {
      session = await InferenceSession.create(bytes, SESSION_OPTIONS);
    } catch (error) {
      throw new HeadraceError('MODEL_INVALID', `onnxruntime cannot load the model: ${messageOf(error)}`, {
        cause: error,
      });
    }
    return new OnnxModel(session, specsOf(session.inputMetadata), specsOf(session.outputMetadata));
  }
}

function specsOf(metadata: readonly InferenceSession.ValueMetadata[]): TensorSpec[] {
  return metadata.map((value) => {
    const datatype = value.isTensor ? DATATYPES[value.type] : undefined;
    if (!value.isTensor || datatype === undefined)
      throw new HeadraceError(
        'MODEL_INVALID',
        `'${value.name}' is not a tensor. Export the model with tensor outputs (skl2onnx: options={'zipmap': False}).`,
      );
    return { name: value.name, datatype, shape: value.shape.map((size) => (typeof size === 'number' ? size : -1)) };
  });
}

class OnnxModel implements LoadedModel {
  constructor(
    private readonly session: InferenceSession,
    readonly inputs: readonly TensorSpec[],
    readonly outputs: readonly TensorSpec[],
  ) {}

  async run(inputs: Readonly<Record<string, Tensor>>): Promise<Record<string, Tensor>> {
    const feeds: Record<string, OrtTensor> = {};
    for (const { name } of this.inputs) {
      const input = inputs[name];
      if (!input) throw new HeadraceError('INPUT_INVALID', `Input tensor '${name}' is missing`);
      feeds[name] = toOrt(name, input);
    }
    try {
      const answers = await this.session.run(feeds);
      return Object.fromEntries(Object.entries(answers).map(([name, tensor]) => [name, fromOrt(tensor)]));
    } catch (error) {
      throw new HeadraceError('MODEL_INVALID', `The model failed: ${messageOf(error)}`, { cause: error });
    }
  }

  async close(): Promise<void> {
    await this.session.release();
  }
}

function toOrt(name: string, tensor: Tensor): OrtTensor {
  try {
    return new OrtTensor(ORT_TYPES[tensor.datatype] as 'float32', tensor.data as Float32Array, tensor.shape);
  } catch (error) {
    throw new HeadraceError('INPUT_INVALID', `Input tensor '${name}': ${messageOf(error)}`, { cause: error });
  }
}

function fromOrt(tensor: OrtTensor): Tensor {
  const datatype = DATATYPES[tensor.type];
  if (datatype === undefined)
    throw new HeadraceError('MODEL_INVALID', `The model answered with a ${tensor.type} tensor`);
  return { datatype, shape: tensor.dims, data: tensor.data as TensorData };
}
