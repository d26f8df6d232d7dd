import { type Fault } from '@headrace/service-kit';

/** Durations as people write them (`window: 7d`), by section of the spec; the document that GET answers has them as windowMs. */
const SHORT_NAMES: Readonly<Record<string, readonly string[]>> = {
  batch: ['maxDelay'],
  monitor: ['window', 'allowedLateness', 'labelsTtl', 'cooldown'],
  training: ['window', 'bootstrapAfter', 'holdout'],
};

type Fields = Record<string, unknown>;

export interface LongDocument {
  /** With the Ms names. */
  readonly document: unknown;
  /** A name that was given both ways. */
  readonly faults: Fault[];
  /** The path as it was written, for messages. */
  written(path: string): string;
}

/** Gives every duration its Ms name; whatever else the document holds is left as it is. */
export function withLongNames(document: unknown): LongDocument {
  const paths = new Map<string, string>();
  const faults: Fault[] = [];
  const spec = fieldsOf(fieldsOf(document)?.['spec']);
  const written = (path: string): string => paths.get(path) ?? path;
  if (spec === undefined) return { document, faults, written };
  const renamed: Fields = { ...spec };
  for (const [section, names] of Object.entries(SHORT_NAMES)) {
    const fields = fieldsOf(spec[section]);
    if (fields === undefined) continue;
    const given = names.filter((name) => Object.hasOwn(fields, name));
    for (const name of given) paths.set(`spec.${section}.${name}Ms`, `spec.${section}.${name}`);
    for (const name of given.filter((name) => Object.hasOwn(fields, `${name}Ms`))) {
      faults.push({ path: `spec.${section}.${name}`, message: `is given twice: as ${name} and as ${name}Ms` });
    }
    const others = Object.entries(fields).filter(([name]) => !given.includes(name));
    renamed[section] = Object.fromEntries([...others, ...given.map((name) => [`${name}Ms`, fields[name]] as const)]);
  }
  return { document: { ...(document as Fields), spec: renamed }, faults, written };
}

function fieldsOf(value: unknown): Fields | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;
}
