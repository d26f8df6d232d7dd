import { HeadraceError, messageOf } from '@headrace/service-kit';
import { setTimeout as sleep } from 'node:timers/promises';

/** Where writer schemas live. Adapters: ConfluentSchemaRegistry (HTTP), InMemorySchemaRegistry. */
export interface SchemaRegistry {
  /**
   * Registers the schema under the subject if it is new there, and tells its id.
   * @throws HeadraceError CONFLICT when it is incompatible, UNAVAILABLE when the registry cannot be reached
   */
  idOf(subject: string, schema: string): Promise<number>;
  /** @throws HeadraceError SCHEMA_UNKNOWN when no schema has this id, UNAVAILABLE when the registry cannot be reached */
  schemaOf(id: number): Promise<string>;
}

const CONTENT_TYPE = 'application/vnd.schemaregistry.v1+json';
const ATTEMPTS = 6;
const FIRST_PAUSE_MS = 100;
const TIMEOUT_MS = 10_000;

/** The Confluent Schema Registry REST API: ours at the gateway, or any other that speaks it. Answers are cached for good: ids never change. */
export class ConfluentSchemaRegistry implements SchemaRegistry {
  private readonly ids = new Map<string, Promise<number>>();
  private readonly schemas = new Map<number, Promise<string>>();

  constructor(private readonly url: string) {}

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

  schemaOf(id: number): Promise<string> {
    return cached(this.schemas, id, async () => {
      const path = `/schemas/ids/${id}`;
      const answer = await this.call(path, {});
      if (answer.status === 404)
        throw new HeadraceError('SCHEMA_UNKNOWN', `No schema with id ${id} in the registry at ${this.url}`);
      return (ok(answer, path) as { schema: string }).schema;
    });
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
  private readonly schemas: string[] = [];

  async idOf(_subject: string, schema: string): Promise<number> {
    const at = this.schemas.indexOf(schema);
    return at >= 0 ? at + 1 : this.schemas.push(schema);
  }

  async schemaOf(id: number): Promise<string> {
    const schema = this.schemas[id - 1];
    if (schema === undefined) throw new HeadraceError('SCHEMA_UNKNOWN', `No schema with id ${id} in the registry`);
    return schema;
  }
}
