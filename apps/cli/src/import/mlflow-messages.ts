/** MLflow's REST messages, as far as copying reads them. Whole numbers may come as text, doubles as NaN and Infinity by name. */
export interface Pair {
  readonly key: string;
  readonly value: string;
}

export interface Experiment {
  readonly experiment_id: string;
  readonly name: string;
  readonly tags?: readonly Pair[];
}

export interface Metric {
  readonly key: string;
  readonly value: number | string;
  readonly timestamp: number | string;
  readonly step?: number | string;
}

export interface Run {
  readonly info: {
    readonly run_id: string;
    readonly experiment_id: string;
    readonly run_name?: string;
    readonly user_id?: string;
    readonly status: string;
    readonly start_time?: number | string;
    readonly end_time?: number | string;
    readonly artifact_uri: string;
  };
  readonly data: {
    readonly metrics?: readonly Metric[];
    readonly params?: readonly Pair[];
    readonly tags?: readonly Pair[];
  };
  readonly inputs?: {
    readonly dataset_inputs?: readonly object[];
    readonly model_inputs?: ReadonlyArray<{ readonly model_id: string }>;
  };
  readonly outputs?: {
    readonly model_outputs?: ReadonlyArray<{ readonly model_id: string; readonly step?: number | string }>;
  };
}

export interface ModelMetric extends Metric {
  readonly run_id: string;
  readonly dataset_name?: string;
  readonly dataset_digest?: string;
}

/** A logged model. */
export interface LoggedModel {
  readonly info: {
    readonly model_id: string;
    readonly experiment_id: string;
    readonly name: string;
    readonly artifact_uri: string;
    /** By name or by number, as the server's version of protobuf writes it. */
    readonly status: string | number;
    readonly model_type?: string;
    readonly source_run_id?: string;
    readonly tags?: readonly Pair[];
  };
  readonly data?: { readonly params?: readonly Pair[]; readonly metrics?: readonly ModelMetric[] };
}

export interface RegisteredModel {
  readonly name: string;
  readonly description?: string;
  readonly tags?: readonly Pair[];
  readonly aliases?: ReadonlyArray<{ readonly alias: string; readonly version: string }>;
}

export interface ModelVersion {
  readonly name: string;
  readonly version: string;
  readonly source: string;
  readonly run_id?: string;
  readonly model_id?: string;
  readonly run_link?: string;
  readonly description?: string;
  readonly current_stage?: string;
  readonly creation_timestamp: number | string;
  readonly tags?: readonly Pair[];
}

export interface ArtifactFile {
  /** Below the owner's root. */
  readonly path: string;
  readonly sizeBytes: number;
}

export const metricKeys = ({ data }: Run): string[] => (data.metrics ?? []).map(({ key }) => key);
