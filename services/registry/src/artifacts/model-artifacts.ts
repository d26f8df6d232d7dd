import type { Signature } from './signature.js';

/** An ONNX file in the artifact store. */
export interface ModelArtifact {
  /** mlflow-artifacts:/… of the file itself. */
  readonly uri: string;
  /** Lower-case hex, over the whole file. */
  readonly sha256: string;
  /** What it takes and gives; null for a version from before it was kept. */
  readonly signature: Signature | null;
}

/** What may own artifacts. */
export type ArtifactOwner = { readonly runId: string } | { readonly modelId: string };

export interface OwnedArtifacts {
  /** mlflow-artifacts:/… of the folder that all of the owner's artifacts lie in. */
  readonly root: string;
  /** The run that made them, when it is known. */
  readonly runId: string | undefined;
}

/** Runs, logged models and the files below them, as tracking has them. */
export abstract class ModelArtifacts {
  /** @returns undefined when there is no such run or logged model; @throws HeadraceError UNAVAILABLE when tracking cannot be asked */
  abstract owned(owner: ArtifactOwner): Promise<OwnedArtifacts | undefined>;
  /**
   * @param uri mlflow-artifacts:/… of an ONNX file, or of a folder with model.onnx in it
   * @returns undefined when there is no such file
   * @throws HeadraceError MODEL_INVALID when it cannot be run, or is not what the signature beside it says; UNAVAILABLE when tracking cannot be asked
   */
  abstract findOnnx(uri: string): Promise<ModelArtifact | undefined>;
}
