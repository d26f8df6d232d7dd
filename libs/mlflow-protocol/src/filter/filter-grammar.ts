export type ValueKind = 'number' | 'string';
export type Entity = 'metric' | 'param' | 'tag' | 'dataset' | 'metadata' | 'span' | 'attribute';
export type Operator =
  '=' | '!=' | '<' | '<=' | '>' | '>=' | 'LIKE' | 'ILIKE' | 'RLIKE' | 'IN' | 'NOT IN' | 'IS NULL' | 'IS NOT NULL';

/** What one search may filter and order by. */
export interface FilterGrammar {
  /** Keyed entities that exist here. */
  readonly entities: ReadonlyArray<Exclude<Entity, 'attribute'>>;
  /** Attribute names, and the kind of each. Keys are as MLflow writes them. */
  readonly attributes: Readonly<Record<string, ValueKind>>;
  /** Other spellings → attribute. */
  readonly aliases?: Readonly<Record<string, string>>;
  /** Whether texts may be compared with regular expressions (RLIKE). */
  readonly patterns?: boolean;
}

export interface Field {
  readonly entity: Entity;
  readonly key: string;
}

export interface Comparison extends Field {
  readonly operator: Operator;
  /** An array with IN and NOT IN; '' with IS NULL and IS NOT NULL. */
  readonly value: number | string | readonly string[];
}

export interface Ordering extends Field {
  readonly descending: boolean;
}

/** MLflow's spellings of an entity. */
export const ENTITY_NAMES: Readonly<Record<string, Entity>> = {
  metric: 'metric',
  metrics: 'metric',
  param: 'param',
  params: 'param',
  parameter: 'param',
  parameters: 'param',
  tag: 'tag',
  tags: 'tag',
  dataset: 'dataset',
  datasets: 'dataset',
  attribute: 'attribute',
  attributes: 'attribute',
  attr: 'attribute',
  run: 'attribute',
  trace: 'attribute',
  metadata: 'metadata',
  request_metadata: 'metadata',
  span: 'span',
};

export const NUMBER_OPERATORS: readonly Operator[] = ['=', '!=', '<', '<=', '>', '>='];
export const STRING_OPERATORS: readonly Operator[] = ['=', '!=', 'LIKE', 'ILIKE', 'IN', 'NOT IN'];
/** Of keyed texts (params, tags, metadata), which may be absent. */
export const NULL_OPERATORS: readonly Operator[] = ['IS NULL', 'IS NOT NULL'];

/** What of a dataset can be searched for. */
export const DATASET_KEYS = ['name', 'digest', 'context'];
