/** The ONNX file that a version's source stands for. */
export interface ModelArtifact {
  /** mlflow-artifacts:/… of the file itself. */
  readonly uri: string;
  /** Lower-case hex, over the whole file. */
  readonly sha256: string;
}

/** Finds and reads the file behind a source, so that a version is never registered that cannot be served. */
export abstract class ModelArtifacts {
  /**
   * @param source mlflow-artifacts:/… or runs:/…, of the file or of the folder that holds model.onnx
   * @throws MlflowError INVALID_PARAMETER_VALUE when the source is no such URI or nothing is there; HeadraceError UNAVAILABLE when tracking cannot be asked
   */
  abstract resolve(source: string): Promise<ModelArtifact>;
}
