/** What all predictions of one batch have in common. */
export interface PredictionOrigin {
  readonly deployment: string;
  readonly model: string;
  readonly version: number;
  readonly runId: string | null;
  /** The input. */
  readonly topic: string;
  readonly partition: number;
  /** Schema id of PredictionMade under the output topic's subject. */
  readonly schemaId: number;
  readonly outputTopic: string;
  /** Name of the service that writes (ce_source). */
  readonly source: string;
  /** Whether the features are repeated. */
  readonly echo: boolean;
}
