import { doesNotExist } from '@headrace/mlflow-protocol';
import { DATABASE } from '@headrace/persistence';
import { messageOf } from '@headrace/service-kit';
import { Inject, Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import { randomUUID } from 'node:crypto';
import { ChangeLog } from '../changes/change-log.js';
import type { Caller } from '@headrace/service-kit/identity';
import { afterKeyset, decodeKeyset, encodeKeyset, orderBy, type SortKey } from '../models/keyset.js';
import type { RegistryDatabase, RegistryDb, WebhookRow } from '../tables.js';
import type { PostAnswer } from './post.js';
import { SecretBox } from './secret-box.js';
import { Sending } from './sending.js';
import { checkTarget } from './target.js';
import { bodyOf, EXAMPLES, type WebhookEvent } from './webhook-events.js';
import type { CreateWebhook, ListWebhooks, UpdateWebhook } from './webhook-messages.js';

const ORDER: readonly SortKey[] = [
  { column: 'creation_timestamp', descending: true },
  { column: 'webhook_id', descending: false },
];
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** What a test came to. */
export type Tested = { readonly answer: PostAnswer } | { readonly error: string };

/** Webhooks in PostgreSQL. Secrets are kept encrypted, and never answered. */
@Injectable()
export class Webhooks {
  private readonly db: RegistryDb;

  constructor(
    @Inject(DATABASE) database: RegistryDatabase,
    @Inject(ChangeLog) private readonly changes: ChangeLog,
    @Inject(SecretBox) private readonly secrets: SecretBox,
    @Inject(Sending) private readonly sending: Sending,
  ) {
    this.db = database.db;
  }

  async create(by: Caller, asked: CreateWebhook): Promise<WebhookRow> {
    await checkTarget(asked.url, this.sending.rules);
    const now = Date.now();
    const { name, url, events, status } = asked;
    const secret = asked.secret === undefined ? null : this.secrets.seal(asked.secret);
    const row = { webhook_id: randomUUID(), name, url, events, status, secret, description: asked.description ?? null };
    const times = { creation_timestamp: now, last_updated_timestamp: now };
    await this.changes.run({ action: 'webhook.created', model: null, by }, (trx) =>
      trx
        .insertInto('webhooks')
        .values({ ...row, ...times })
        .execute(),
    );
    return this.get(row.webhook_id);
  }

  async get(id: string): Promise<WebhookRow> {
    const row = UUID.test(id)
      ? await this.db.selectFrom('webhooks').selectAll().where('webhook_id', '=', id).executeTakeFirst()
      : undefined;
    if (row) return row;
    throw doesNotExist(`Webhook with ID ${id.slice(0, 100)} not found.`);
  }

  /** Newest first. */
  async list(asked: ListWebhooks): Promise<{ webhooks: WebhookRow[]; nextPageToken: string | undefined }> {
    const after =
      asked.page_token === undefined ? sql`true` : afterKeyset(ORDER, decodeKeyset(asked.page_token, ORDER));
    const { rows } = await sql<WebhookRow>`
      select * from webhooks x where ${after} order by ${orderBy(ORDER)} limit ${asked.max_results + 1}`.execute(
      this.db,
    );
    const webhooks = rows.slice(0, asked.max_results);
    const more = rows.length > webhooks.length;
    return { webhooks, nextPageToken: more ? encodeKeyset(ORDER, { ...webhooks.at(-1) }) : undefined };
  }

  async update(by: Caller, id: string, { secret, ...asked }: UpdateWebhook): Promise<WebhookRow> {
    await this.get(id);
    if (asked.url !== undefined) await checkTarget(asked.url, this.sending.rules);
    const kept = secret === undefined ? {} : { secret: secret === '' ? null : this.secrets.seal(secret) };
    const change = { ...asked, ...kept, last_updated_timestamp: Date.now() };
    await this.changes.run({ action: 'webhook.updated', model: null, by }, (trx) =>
      trx.updateTable('webhooks').set(change).where('webhook_id', '=', id).execute(),
    );
    return this.get(id);
  }

  /** What was still to be delivered to it is dropped. */
  async delete(by: Caller, id: string): Promise<void> {
    await this.get(id);
    await this.changes.run({ action: 'webhook.deleted', model: null, by }, (trx) =>
      trx.deleteFrom('webhooks').where('webhook_id', '=', id).execute(),
    );
  }

  /** Sends an example, once, and tells what came back. */
  async test(id: string, event: WebhookEvent | undefined): Promise<Tested> {
    const webhook = await this.get(id);
    const tested = event ?? (webhook.events[0] as WebhookEvent);
    const body = bodyOf(tested, EXAMPLES[tested], Date.now());
    try {
      await checkTarget(webhook.url, this.sending.rules);
      return { answer: await this.sending.send(webhook, randomUUID(), body) };
    } catch (error) {
      return { error: `Failed to test webhook: ${messageOf(error)}` };
    }
  }
}
