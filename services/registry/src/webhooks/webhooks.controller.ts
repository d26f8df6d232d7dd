import {
  type Asked,
  FromBody,
  FromQuery,
  MlflowController,
  MlflowDelete,
  MlflowGet,
  MlflowPatch,
  MlflowPost,
} from '@headrace/mlflow-protocol';
import { Inject, Param } from '@nestjs/common';
import { By, type Caller } from '@headrace/service-kit/identity';
import type { WebhookRow } from '../tables.js';
import { createWebhook, listWebhooks, testWebhook, updateWebhook } from './webhook-messages.js';
import { Webhooks, type Tested } from './webhooks.js';

/** MLflow's webhooks API. */
@MlflowController('/webhooks')
export class WebhooksController {
  constructor(@Inject(Webhooks) private readonly webhooks: Webhooks) {}

  @MlflowPost('')
  async create(@FromBody(createWebhook) request: Asked<typeof createWebhook>, @By() by: Caller) {
    return { webhook: toWebhook(await this.webhooks.create(by, request)) };
  }

  @MlflowGet('')
  async list(@FromQuery(listWebhooks) request: Asked<typeof listWebhooks>) {
    const { webhooks, nextPageToken } = await this.webhooks.list(request);
    return { webhooks: webhooks.map(toWebhook), next_page_token: nextPageToken };
  }

  @MlflowGet(':id')
  async get(@Param('id') id: string) {
    return { webhook: toWebhook(await this.webhooks.get(id)) };
  }

  @MlflowPatch(':id')
  async update(
    @Param('id') id: string,
    @FromBody(updateWebhook) request: Asked<typeof updateWebhook>,
    @By() by: Caller,
  ) {
    return { webhook: toWebhook(await this.webhooks.update(by, id, request)) };
  }

  @MlflowDelete(':id')
  async delete(@Param('id') id: string, @By() by: Caller) {
    await this.webhooks.delete(by, id);
    return {};
  }

  @MlflowPost(':id/test')
  async test(@Param('id') id: string, @FromBody(testWebhook) request: Asked<typeof testWebhook>) {
    const { event } = request;
    return { result: toResult(await this.webhooks.test(id, event ?? undefined)) };
  }
}

/** Without its secret. */
function toWebhook(row: WebhookRow) {
  const { webhook_id, name, url, description, status, creation_timestamp, last_updated_timestamp } = row;
  const events = row.events.map((event) => {
    const [entity, action] = event.toUpperCase().split('.');
    return { entity, action };
  });
  const described = description === null ? {} : { description };
  return { webhook_id, name, url, events, ...described, status, creation_timestamp, last_updated_timestamp };
}

function toResult(tested: Tested) {
  if ('error' in tested) return { success: false, error_message: tested.error };
  const { status, body } = tested.answer;
  return { success: status < 400, response_status: status, response_body: body };
}
