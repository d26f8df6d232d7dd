import { emptyableText, inFull, maxResults, optionalText } from '@headrace/mlflow-protocol';
import { z } from 'zod';
import { WEBHOOK_EVENTS, type WebhookEvent } from './webhook-events.js';

const NAME = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/;

const webhookName = z.string().superRefine((name, context) => {
  if (NAME.test(name)) return;
  const rule =
    'It must start and end with a letter or digit, be less than 63 characters long, and contain only letters, digits, dots (.), underscores (_), and hyphens (-).';
  context.addIssue(inFull(`Webhook name '${name.slice(0, 100)}' is invalid. ${rule}`));
});

/** {entity: REGISTERED_MODEL, action: CREATED}, as registered_model.created. */
const webhookEvent = z
  .object({ entity: z.string().max(100), action: z.string().max(100) })
  .transform(({ entity, action }, context): WebhookEvent => {
    const event = WEBHOOK_EVENTS.find((each) => each === `${entity}.${action}`.toLowerCase());
    if (event) return event;
    const valid = WEBHOOK_EVENTS.filter((each) => each.startsWith(`${entity.toLowerCase()}.`));
    const actions = valid.map((each) => `'${each.split('.')[1]}'`).join(', ');
    context.addIssue(
      inFull(
        `Invalid action '${action.toLowerCase()}' for entity '${entity.toLowerCase()}'. Valid actions are: [${actions}]`,
      ),
    );
    return z.NEVER;
  });

const events = z.array(webhookEvent).max(100);
const url = z.string().min(1).max(2000);
const status = z.enum(['ACTIVE', 'DISABLED']);
const secret = z.string().max(1000);

export const createWebhook = z.object({
  name: webhookName,
  url,
  events: events.min(1, 'Webhook events must be a non-empty list'),
  description: optionalText(5000),
  secret: secret.nullish().transform((value) => value || undefined),
  status: status.nullish().transform((value) => value ?? 'ACTIVE'),
});
export type CreateWebhook = z.infer<typeof createWebhook>;

/** What is absent stays as it is. */
export const updateWebhook = z.object({
  name: webhookName.optional(),
  url: url.optional(),
  events: events.optional().transform((value) => (value?.length === 0 ? undefined : value)),
  description: emptyableText(5000).optional(),
  secret: secret.optional(),
  status: status.optional(),
});
export type UpdateWebhook = z.infer<typeof updateWebhook>;

export const listWebhooks = z.object({ max_results: maxResults(100, 1000), page_token: optionalText(1000) });
export type ListWebhooks = z.infer<typeof listWebhooks>;
export const testWebhook = z.object({ event: webhookEvent.nullish() });
