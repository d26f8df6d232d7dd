/** Where a field of a plain output gets its value from. */
export type PlainSource =
  | { readonly kind: 'fact'; readonly fact: PlainFact }
  /** A model's output: all of a row's values, or one of them. */
  | { readonly kind: 'outputs'; readonly path: string }
  /** A field of the input record. */
  | { readonly kind: 'input'; readonly path: string };

/** What is known of every prediction: the Avro types that take it. */
const FACTS = {
  recordId: ['string'],
  predictionId: ['string'],
  deployment: ['string'],
  modelName: ['string'],
  modelVersion: ['int', 'long', 'float', 'double'],
  runId: ['string'],
  eventTime: ['long', 'double', 'string'],
  score: ['float', 'double'],
  key: ['string', 'bytes'],
  topic: ['string'],
  partition: ['int', 'long', 'float', 'double'],
  offset: ['long', 'double'],
} as const;

export type PlainFact = keyof typeof FACTS;

export const PLAIN_SOURCES = `${Object.keys(FACTS).join(', ')}, outputs.<tensor>, outputs.<tensor>.<index> or input.<field>`;

/** Undefined for what is no source. */
export function plainSource(text: string): PlainSource | undefined {
  if (Object.hasOwn(FACTS, text)) return { kind: 'fact', fact: text as PlainFact };
  const [, kind, path] = /^(outputs|input)\.(.+)$/s.exec(text) ?? [];
  return kind && path ? { kind: kind as 'outputs' | 'input', path } : undefined;
}

/** Avro types that take the source's value; undefined when only the record, or the model, tells. */
export function typesOf(source: PlainSource): readonly string[] | undefined {
  return source.kind === 'fact' ? FACTS[source.fact] : undefined;
}
