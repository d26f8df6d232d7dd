import { createHmac } from 'node:crypto';

/** MLflow's signature: `v1,` and the base64 HMAC-SHA256 over deliveryId.timestamp.body. @param timestamp Unix seconds, as sent */
export function signatureOf(secret: string, deliveryId: string, timestamp: string, body: string): string {
  return `v1,${createHmac('sha256', secret).update(`${deliveryId}.${timestamp}.${body}`).digest('base64')}`;
}
