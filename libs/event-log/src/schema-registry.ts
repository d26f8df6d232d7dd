import { HeadraceError, messageOf } from '@headrace/service-kit';
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { UnknownSchemas } from './unknown-schemas.js';

/** How a value names its schema: the registry's id, or the GUID (lower case, with hyphens) that is the same in every registry. */
export type SchemaRef = number | string;

export interface RegisteredSchema {
  readonly schema: string;
  /** AVRO, JSON (JSON Schema) or PROTOBUF. */
  readonly schemaType: string;
}

/** A subject's version, with the id that values name it by. */
export interface SubjectSchema extends RegisteredSchema {
  readonly id: number;
}

/** Where writer schemas live. Adapters: ConfluentSchemaRegistry (HTTP), InMemorySchemaRegistry; one contract suite covers both. */
export interface SchemaRegistry {
  /**
   * Registers the Avro schema under the subject if it is new there, and tells its id.
   * @throws HeadraceError CONFLICT when it is incompatible, UNAVAILABLE when the registry cannot be reached
   */
  idOf(subject: string, schema: string): Promise<number>;
  /** @throws HeadraceError SCHEMA_UNKNOWN when no schema has this id or GUID, UNAVAILABLE when the registry cannot be reached */
  find(ref: SchemaRef): Promise<RegisteredSchema>;
  /** The text of what `find` finds. */
  schemaOf(ref: SchemaRef): Promise<string>;
  /** The subject's newest version, as it is now; null when there is no such subject. @throws HeadraceError UNAVAILABLE */
  latest(subject: string): Promise<SubjectSchema | null>;
}

const CONTENT_TYPE = 'application/vnd.schemaregistry.v1+json';
const ATTEMPTS = 6;
const FIRST_PAUSE_MS = 100;
const TIMEOUT_MS = 10_000;

/** The Confluent Schema Registry REST API: ours at the gateway, or any other that speaks it. What is found is kept for good: ids never change; what is not, for seconds. */
export class ConfluentSchemaRegistry implements SchemaRegistry {
  private readonly ids = new Map<string, Promise<number>>();
  private readonly schemas = new Map<SchemaRef, Promise<RegisteredSchema>>();

  constructor(
    private readonly url: string,
    private readonly unknown = new UnknownSchemas(),
  ) {}

  idOf(subject: string, schema: string): Promise<number> {
    return cached(this.ids, `${subject}\n${schema}`, async () => {
      const path = `/subjects/${encodeURIComponent(subject)}/versions`;
      const body = JSON.stringify({ schemaType: 'AVRO', schema });
      const answer = await this.call(path, { method: 'POST', body, headers: { 'content-type': CONTENT_TYPE } });
      if (answer.status === 409)
        throw new HeadraceError('CONFLICT', `Schema of subject ${subject} is incompatible: ${answer.text}`);
      return (ok(answer, path) as { id: number }).id;
    });
  }

  find(ref: SchemaRef): Promise<RegisteredSchema> {
    return cached(this.schemas, ref, async () => {
      const kind = typeof ref === 'number' ? 'id' : 'guid';
      const path = `/schemas/${kind}s/${ref}`;
      const unknown = () =>
        new HeadraceError('SCHEMA_UNKNOWN', `No schema with ${kind} ${ref} in the registry at ${this.url}`);
      if (this.unknown.has(ref)) throw unknown();
      const answer = await this.call(path, {});
      if (answer.status === 404) {
        this.unknown.add(ref);
        throw unknown();
      }
      return registered(ok(answer, path));
    });
  }

  async schemaOf(ref: SchemaRef): Promise<string> {
    return (await this.find(ref)).schema;
  }

  async latest(subject: string): Promise<SubjectSchema | null> {
    const path = `/subjects/${encodeURIComponent(subject)}/versions/latest`;
    const answer = await this.call(path, {});
    if (answer.status === 404) return null;
    const body = ok(answer, path);
    return { ...registered(body), id: (body as { id: number }).id };
  }

  private async call(path: string, init: RequestInit): Promise<Answer> {
    for (let attempt = 1; ; attempt++) {
      try {
        const response = await fetch(`${this.url}${path}`, { ...init, signal: AbortSignal.timeout(TIMEOUT_MS) });
        if (response.status < 500) return { status: response.status, text: await response.text() };
        if (attempt === ATTEMPTS) throw new Error(`status ${response.status}`);
      } catch (error) {
        if (attempt === ATTEMPTS)
          throw new HeadraceError(
            'UNAVAILABLE',
            `Schema registry at ${this.url} does not answer: ${messageOf(error)}`,
            {
              cause: error,
            },
          );
      }
      await sleep(FIRST_PAUSE_MS * 2 ** (attempt - 1));
    }
  }
}

interface Answer {
  status: number;
  text: string;
}

function ok(answer: Answer, path: string): unknown {
  if (answer.status !== 200)
    throw new HeadraceError('INTERNAL', `Schema registry answered ${answer.status} to ${path}: ${answer.text}`);
  return JSON.parse(answer.text);
}

/** The registry leaves schemaType out for Avro. */
function registered(body: unknown): RegisteredSchema {
  const { schema, schemaType = 'AVRO' } = body as { schema: string; schemaType?: string };
  return { schema, schemaType };
}

/** Remembers successes and work in progress; a failure is forgotten, so that the next call tries again. */
function cached<K, V>(cache: Map<K, Promise<V>>, key: K, load: () => Promise<V>): Promise<V> {
  const known = cache.get(key);
  if (known) return known;
  const loading = load();
  cache.set(key, loading);
  loading.catch(() => cache.delete(key));
  return loading;
}

/** For tests: same promises, no HTTP, no compatibility rules. */
export class InMemorySchemaRegistry implements SchemaRegistry {
  private readonly schemas: RegisteredSchema[] = [];
  private readonly subjects = new Map<string, SubjectSchema>();

  async idOf(subject: string, schema: string): Promise<number> {
    return this.register(subject, { schema, schemaType: 'AVRO' });
  }

  /** Also what is no Avro; a registry that is not ours may hold it. Tells its id. */
  register(subject: string, { schema, schemaType }: RegisteredSchema): number {
    let at = this.schemas.findIndex((each) => each.schema === schema && each.schemaType === schemaType);
    if (at < 0) at = this.schemas.push({ schema, schemaType }) - 1;
    this.subjects.set(subject, { ...this.schemas[at]!, id: at + 1 });
    return at + 1;
  }

  async find(ref: SchemaRef): Promise<RegisteredSchema> {
    const found =
      typeof ref === 'number' ? this.schemas[ref - 1] : this.schemas.find(({ schema }) => schemaGuid(schema) === ref);
    if (!found) throw new HeadraceError('SCHEMA_UNKNOWN', `No schema with id or GUID ${ref} in the registry`);
    return found;
  }

  async schemaOf(ref: SchemaRef): Promise<string> {
    return (await this.find(ref)).schema;
  }

  async latest(subject: string): Promise<SubjectSchema | null> {
    return this.subjects.get(subject) ?? null;
  }
}

/** As Confluent's registry makes it: the MD5 of the schema's text, as a UUID. The text must be the one that the registry keeps. */
export function schemaGuid(schema: string): string {
  const digest = createHash('md5').update(schema, 'utf8').digest('hex');
  return digest.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
