import type { CompatibilityLevel } from './compatibility.js';
import type { RegistryRecord, SchemaRecord } from './schema-records.js';

const byVersion = (a: SchemaRecord, b: SchemaRecord): number => a.version - b.version;

/** The registry as the log tells it: a fold over records by key. Holds no rule but what a record means. */
export class RegistryState {
  private readonly records = new Map<string, RegistryRecord>();
  private readonly subjectIndex = new Map<string, Map<string, SchemaRecord>>();
  private readonly idIndex = new Map<number, Map<string, SchemaRecord>>();
  private readonly guidIndex = new Map<string, Map<string, SchemaRecord>>();
  private highest = 0;

  /** A null record removes the key. */
  apply(key: string, record: RegistryRecord | null): void {
    const previous = this.records.get(key);
    if (previous?.kind === 'SCHEMA') this.unindex(key, previous);
    if (record === null) {
      this.records.delete(key);
      return;
    }
    this.records.set(key, record);
    if (record.kind === 'SCHEMA') this.index(key, record);
    if (record.kind === 'ID') this.highest = Math.max(this.highest, record.highest);
  }

  get(key: string): RegistryRecord | undefined {
    return this.records.get(key);
  }

  /** Which process may write; undefined in an empty log. */
  get writer(): string | undefined {
    return this.records.get('{"kind":"WRITER"}')?.writer;
  }

  /** The highest id ever given. */
  get highestId(): number {
    return this.highest;
  }

  subjects(): string[] {
    return [...this.subjectIndex.keys()].sort();
  }

  /** Every version of a subject, ascending, soft-deleted ones included. */
  versions(subject: string): SchemaRecord[] {
    return [...(this.subjectIndex.get(subject)?.values() ?? [])].sort(byVersion);
  }

  byId(id: number): SchemaRecord[] {
    return [...(this.idIndex.get(id)?.values() ?? [])];
  }

  byGuid(guid: string): SchemaRecord[] {
    return [...(this.guidIndex.get(guid)?.values() ?? [])];
  }

  /** The level set for a subject, or globally for null; undefined when none is set. */
  level(subject: string | null): CompatibilityLevel | undefined {
    const record = this.records.get(JSON.stringify({ kind: 'CONFIG', subject }));
    return record?.kind === 'CONFIG' ? record.level : undefined;
  }

  private index(key: string, record: SchemaRecord): void {
    slot(this.subjectIndex, record.subject).set(key, record);
    slot(this.idIndex, record.id).set(key, record);
    slot(this.guidIndex, record.guid).set(key, record);
    this.highest = Math.max(this.highest, record.id);
  }

  private unindex(key: string, record: SchemaRecord): void {
    remove(this.subjectIndex, record.subject, key);
    remove(this.idIndex, record.id, key);
    remove(this.guidIndex, record.guid, key);
  }
}

function slot<K>(index: Map<K, Map<string, SchemaRecord>>, at: K): Map<string, SchemaRecord> {
  const existing = index.get(at);
  if (existing) return existing;
  const fresh = new Map<string, SchemaRecord>();
  index.set(at, fresh);
  return fresh;
}

function remove<K>(index: Map<K, Map<string, SchemaRecord>>, at: K, key: string): void {
  const slot = index.get(at);
  slot?.delete(key);
  if (slot?.size === 0) index.delete(at);
}
