import type { Message } from 'kafkajs';
import type { ProduceRequest } from './encode-events.js';

/** What is written for a message that the broker finds too large. Throws when there is nothing. */
export type Substitute = (message: Message, topic: string) => Promise<ProduceRequest>;

const TOO_LARGE = new Set(['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE']);

/** True when the broker refused a request for its size. */
export function isTooLarge(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return TOO_LARGE.has((error as { type?: string }).type ?? '') || isTooLarge(error.cause);
}

/**
 * Sends a request, or a substitute when its only message is too large. Only then is it certain that nothing of the request was
 * written; a larger one is thrown back, to come again in smaller requests.
 */
export async function sendFitting(
  send: (request: ProduceRequest) => Promise<unknown>,
  request: ProduceRequest,
  instead: Substitute,
): Promise<void> {
  try {
    await send(request);
  } catch (error) {
    const [only] = request;
    if (!isTooLarge(error) || !only || request.length > 1 || only.messages.length > 1) throw error;
    await sendFitting(send, await instead(only.messages[0]!, only.topic), instead);
  }
}
