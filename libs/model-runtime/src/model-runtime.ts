/** Datatypes by their names in the Open Inference Protocol. */
export type Datatype =
  | 'BOOL'
  | 'UINT8'
  | 'UINT16'
  | 'UINT32'
  | 'UINT64'
  | 'INT8'
  | 'INT16'
  | 'INT32'
  | 'INT64'
  | 'FP16'
  | 'FP32'
  | 'FP64'
  | 'BYTES';

export interface TensorSpec {
  readonly name: string;
  readonly datatype: Datatype;
  /** -1 where any length goes; the first dimension is the batch. */
  readonly shape: readonly number[];
}

export type TensorData =
  | Float32Array
  | Float64Array
  | Int32Array
  | BigInt64Array
  | BigUint64Array
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | Int8Array
  | Int16Array
  | readonly string[];

/** Row-major. */
export interface Tensor {
  readonly datatype: Datatype;
  readonly shape: readonly number[];
  readonly data: TensorData;
}

/** A model in memory, ready to answer. */
export interface LoadedModel {
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
  /**
   * Answers one batch; every output of the model by name.
   * @throws HeadraceError INPUT_INVALID when the tensors do not fit the model, MODEL_INVALID when the model fails on them
   */
  run(inputs: Readonly<Record<string, Tensor>>): Promise<Record<string, Tensor>>;
  close(): Promise<void>;
}

/** Turns a model's bytes into something that answers. One file and one line in runtimes.ts a runtime. */
export interface ModelRuntime {
  readonly name: string;
  /** @throws HeadraceError MODEL_INVALID when the bytes are no model this runtime can run */
  load(bytes: Uint8Array): Promise<LoadedModel>;
}
