import type { Type } from 'avsc';
import { typeOf, type AvroSchema } from './avro-schema.js';
import { incompatibilities, type CompatibilityLevel, type EarlierVersion } from './compatibility.js';
import { registryErrors } from './registry-error.js';
import type { RegistryState } from './registry-state.js';
import type { SchemaLog } from './schema-log.js';
import type { SchemaRecord } from './schema-records.js';

export const DEFAULT_LEVEL: CompatibilityLevel = 'BACKWARD';

/** Which versions a question is about. */
export interface Scope {
  /** Soft-deleted ones as well. */
  readonly deleted?: boolean;
  readonly deletedOnly?: boolean;
}

/** The rules of Confluent's schema registry over the schema log. */
export class SchemaRegistry {
  private readonly types = new Map<string, Type>();

  constructor(private readonly log: SchemaLog) {}

  subjects(prefix: string, scope: Scope = {}): string[] {
    return this.state
      .subjects()
      .filter((subject) => subject.startsWith(prefix) && this.scoped(subject, scope).length > 0);
  }

  /** @throws RegistryError 40401 */
  versions(subject: string, scope: Scope = {}): SchemaRecord[] {
    const found = this.scoped(subject, scope);
    if (found.length === 0) throw registryErrors.subjectNotFound(subject);
    return found;
  }

  /** @throws RegistryError 40401, 40402 */
  version(subject: string, version: number | 'latest', scope: Scope = {}): SchemaRecord {
    const versions = this.versions(subject, scope);
    const found = version === 'latest' ? versions.at(-1) : versions.find((record) => record.version === version);
    if (!found) throw registryErrors.versionNotFound(version);
    return found;
  }

  /** Soft-deleted schemas are found by id: data written with them stays readable. @throws RegistryError 40403 */
  byId(id: number): SchemaRecord[] {
    const found = this.state.byId(id);
    if (found.length === 0) throw registryErrors.schemaNotFound(String(id));
    return found;
  }

  /** @throws RegistryError 40403 */
  byGuid(guid: string): SchemaRecord[] {
    const found = this.state.byGuid(guid);
    if (found.length === 0) throw registryErrors.schemaNotFound(guid);
    return found;
  }

  /** The highest id ever given. */
  get highestId(): number {
    return this.state.highestId;
  }

  /** @throws RegistryError 40401, 40403 */
  lookup(subject: string, schema: AvroSchema, scope: Scope = {}): SchemaRecord {
    const found = this.versions(subject, scope).findLast((record) => record.guid === schema.guid);
    if (!found) throw registryErrors.schemaNotInSubject(subject);
    return found;
  }

  /** Idempotent: a schema that the subject has keeps its version. @throws RegistryError 409 */
  register(subject: string, schema: AvroSchema): Promise<SchemaRecord> {
    return this.log.write((state) => {
      const existing = this.scoped(subject, {}).findLast((record) => record.guid === schema.guid);
      if (existing) return { answer: existing };
      const details = incompatibilities(
        this.effectiveLevel(subject),
        schema.type,
        this.earlier(this.scoped(subject, {})),
      );
      if (details.length > 0) throw registryErrors.incompatible(subject, details);
      const record = {
        kind: 'SCHEMA' as const,
        subject,
        version: (state.versions(subject).at(-1)?.version ?? 0) + 1,
        id: state.byGuid(schema.guid)[0]?.id ?? state.highestId + 1,
        guid: schema.guid,
        schema: schema.text,
        deleted: false,
      };
      return { write: [record], answer: { ...record, writer: '' } };
    });
  }

  /** Why the schema may not become the subject's next version; against one version when it is named. */
  check(subject: string, schema: AvroSchema, version?: number | 'latest'): string[] {
    const level = this.effectiveLevel(subject);
    if (version === undefined) return incompatibilities(level, schema.type, this.earlier(this.scoped(subject, {})));
    if (version === 'latest' && this.scoped(subject, {}).length === 0) return [];
    return incompatibilities(level, schema.type, this.earlier([this.version(subject, version)]));
  }

  /** The subject's own level goes with it. Answers the versions now soft-deleted, or, when permanent, the ones that are gone. @throws RegistryError 40401, 40404, 40405 */
  deleteSubject(subject: string, permanent: boolean): Promise<number[]> {
    return this.log.write((state) => {
      const all = this.versions(subject, { deleted: true });
      const live = all.filter((record) => !record.deleted);
      if (permanent) {
        if (live.length > 0) throw registryErrors.subjectNotSoftDeleted(subject);
        return { ...forGood(state, all), answer: all.map((record) => record.version) };
      }
      if (live.length === 0) throw registryErrors.subjectSoftDeleted(subject);
      return {
        write: live.map((record) => ({ ...record, deleted: true })),
        remove: this.ownLevel(subject),
        answer: live.map((record) => record.version),
      };
    });
  }

  /** @throws RegistryError 40401, 40402, 40406, 40407 */
  deleteVersion(subject: string, version: number | 'latest', permanent: boolean): Promise<number> {
    return this.log.write((state) => {
      const scope = { deleted: version !== 'latest' || permanent };
      const record = this.version(subject, version, scope);
      if (permanent) {
        if (!record.deleted) throw registryErrors.versionNotSoftDeleted(subject, record.version);
        return { ...forGood(state, [record]), answer: record.version };
      }
      if (record.deleted) throw registryErrors.versionSoftDeleted(subject, record.version);
      return { write: [{ ...record, deleted: true }], answer: record.version };
    });
  }

  /** The subject's own level, or the global one for null. */
  level(subject: string | null): CompatibilityLevel | undefined {
    return this.state.level(subject) ?? (subject === null ? DEFAULT_LEVEL : undefined);
  }

  effectiveLevel(subject: string): CompatibilityLevel {
    return this.state.level(subject) ?? this.state.level(null) ?? DEFAULT_LEVEL;
  }

  setLevel(subject: string | null, level: CompatibilityLevel): Promise<CompatibilityLevel> {
    return this.log.write(() => ({ write: [{ kind: 'CONFIG', subject, level }], answer: level }));
  }

  /** Back to the default; answers the level that was set. @throws RegistryError 40401 when the subject has none of its own */
  unsetLevel(subject: string | null): Promise<CompatibilityLevel> {
    return this.log.write(() => {
      const level = this.level(subject);
      if (level === undefined) throw registryErrors.subjectNotFound(subject ?? '');
      return { remove: [{ kind: 'CONFIG', subject, level }], answer: level };
    });
  }

  private get state(): RegistryState {
    return this.log.state;
  }

  private scoped(subject: string, { deleted, deletedOnly }: Scope): SchemaRecord[] {
    return this.state.versions(subject).filter((record) => (deletedOnly ? record.deleted : deleted || !record.deleted));
  }

  private ownLevel(subject: string) {
    const level = this.state.level(subject);
    return level === undefined ? [] : [{ kind: 'CONFIG' as const, subject, level }];
  }

  private earlier(records: readonly SchemaRecord[]): EarlierVersion[] {
    return records.map((record) => ({ version: record.version, type: this.typeOf(record) }));
  }

  private typeOf(record: SchemaRecord): Type {
    const known = this.types.get(record.guid);
    if (known) return known;
    const type = typeOf(JSON.parse(record.schema));
    this.types.set(record.guid, type);
    return type;
  }
}

/** Ids outlive their schemas: the highest one is written down in the same append that removes them. */
function forGood(state: RegistryState, gone: readonly SchemaRecord[]) {
  return { write: [{ kind: 'ID' as const, highest: state.highestId }], remove: gone };
}
