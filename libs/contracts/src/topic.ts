/** A topic of the catalogue (schemas/topics.yaml); T is the type of its values. */
export interface Topic<T> {
  readonly name: string;
  readonly partitions: number;
  readonly cleanup: 'delete' | 'compact';
  /** -1 is unlimited. */
  readonly retentionMs: number;
  readonly owner: string;
  /** Self-contained Avro schema as JSON text; null for raw bytes. */
  readonly schema: string | null;
  /** Never set: carries T to the compiler. */
  readonly valueType?: T;
}
