/** What a reader of a user's records wants of each. Names are dotted paths into nested records. */
export interface WantedFields {
  /** In the order of the model's input. */
  readonly features: readonly string[];
  readonly recordId?: string;
  readonly eventTime?: string;
  /** What a feature that is missing or null counts as. */
  readonly defaults?: Readonly<Record<string, number>>;
  /** What becomes of one without a default; 'reject' when left out. */
  readonly missing?: 'reject' | 'nan';
}

/** The wanted fields as a tree: what is wanted of the value here, and of the fields below it. */
export interface WantedNode {
  /** Column of the feature that this value is. */
  feature?: number;
  isRecordId?: boolean;
  isEventTime?: boolean;
  readonly fields: Map<string, WantedNode>;
}

export function wantedTree({ features, recordId, eventTime }: WantedFields): WantedNode {
  const root: WantedNode = { fields: new Map() };
  features.forEach((path, column) => (nodeAt(root, path).feature = column));
  if (recordId !== undefined) nodeAt(root, recordId).isRecordId = true;
  if (eventTime !== undefined) nodeAt(root, eventTime).isEventTime = true;
  return root;
}

function nodeAt(root: WantedNode, path: string): WantedNode {
  return path.split('.').reduce((node, name) => {
    const known = node.fields.get(name) ?? { fields: new Map() };
    node.fields.set(name, known);
    return known;
  }, root);
}

/** What a feature that is missing or null is scored as; undefined when its record is rejected. */
export function missingValue(
  { defaults, missing }: Pick<WantedFields, 'defaults' | 'missing'>,
  feature: string,
): number | undefined {
  if (defaults && Object.hasOwn(defaults, feature)) return defaults[feature];
  return missing === 'nan' ? Number.NaN : undefined;
}
