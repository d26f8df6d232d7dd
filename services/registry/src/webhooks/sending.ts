import type { WebhookRow } from '../tables.js';
import { post, type PostAnswer } from './post.js';
import type { SecretBox } from './secret-box.js';
import { signatureOf } from './signature.js';
import type { TargetRules } from './target.js';

/** One POST as MLflow's webhooks are: headers, signature, and nothing that is not public unless that is allowed. */
export class Sending {
  constructor(
    readonly rules: TargetRules & { readonly timeoutMs: number },
    private readonly secrets: SecretBox,
  ) {}

  /** @throws Error when there was no answer */
  async send(
    { url, secret }: Pick<WebhookRow, 'url' | 'secret'>,
    deliveryId: string,
    body: string,
  ): Promise<PostAnswer> {
    const timestamp = String(Math.floor(Date.now() / 1000));
    const signed: Record<string, string> =
      secret === null
        ? {}
        : { 'X-MLflow-Signature': signatureOf(this.secrets.open(secret), deliveryId, timestamp, body) };
    const headers = {
      'Content-Type': 'application/json',
      'Content-Length': String(Buffer.byteLength(body)),
      'X-MLflow-Delivery-Id': deliveryId,
      'X-MLflow-Timestamp': timestamp,
      ...signed,
    };
    return post(url, body, headers, this.rules);
  }
}
