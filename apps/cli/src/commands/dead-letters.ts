import {
  getDeadLetter,
  getDeadLetterValue,
  listDeadLetters,
  redriveLetters,
  redriveMatching,
  type FullDeadLetter,
  type LetterFilter,
  type RedriveAnswer,
  type RedriveOptions,
} from '../gateway/dead-letters.js';
import type { GatewayClient } from '../gateway/gateway-client.js';
import { letterText, lettersTable } from './dead-letter-text.js';
import { valueToText } from './decode.js';

/** What `headrace dlq ls` prints. */
export async function listText(
  gateway: GatewayClient,
  filter: LetterFilter,
  { limit, json, now }: { readonly limit: number; readonly json: boolean; readonly now: number },
): Promise<string> {
  const letters = await listDeadLetters(gateway, filter, limit);
  return json ? JSON.stringify(letters, null, 2) : lettersTable(letters, now);
}

/** What `headrace dlq show` prints. */
export async function showText(
  gateway: GatewayClient,
  place: string,
  filter: LetterFilter,
  json: boolean,
): Promise<string> {
  const letter = await getDeadLetter(gateway, place, filter);
  if (json) return JSON.stringify(letter, null, 2);
  return letterText(letter, await valueText(gateway, letter));
}

export { getDeadLetterValue };

/** Lines of what `headrace dlq redrive` did, or would do. @throws NotRedriven at the end, when some letters stayed */
export async function* redriveLines(
  gateway: GatewayClient,
  which: { readonly letters: readonly string[]; readonly filter: LetterFilter },
  options: RedriveOptions,
): AsyncGenerator<string> {
  const answers =
    which.letters.length > 0 ? one(gateway, which.letters, options) : redriveMatching(gateway, which.filter, options);
  let [done, stayed] = [0, 0];
  for await (const { redriven, refused } of answers) {
    for (const { letter, origin, topic, partition, group, attempt } of redriven)
      yield `${letter}: ${origin} ${options.dryRun ? 'would go' : 'went'} back to ${topic}${partition === null ? ', by key' : `/${partition}`} for ${group}, attempt ${attempt}`;
    for (const { letter, code, message } of refused) yield `${letter}: stays, ${code}: ${message}`;
    done += redriven.length;
    stayed += refused.length;
  }
  yield `${done} ${options.dryRun ? 'would be redriven (dry run)' : 'redriven'}${stayed > 0 ? `, ${stayed} stay` : ''}`;
  if (stayed > 0) throw new NotRedriven(stayed);
}

export class NotRedriven extends Error {
  constructor(count: number) {
    super(count === 1 ? 'one dead letter was not redriven' : `${count} dead letters were not redriven`);
    this.name = 'NotRedriven';
  }
}

async function* one(
  gateway: GatewayClient,
  letters: readonly string[],
  options: RedriveOptions,
): AsyncGenerator<RedriveAnswer> {
  yield await redriveLetters(gateway, letters, options);
}

async function valueText(gateway: GatewayClient, { value, holdsValue, bytes, place }: FullDeadLetter): Promise<string> {
  if (!holdsValue) return `${bytes} bytes, too many for the letter; --raw reads them at the record's place`;
  if (value === null) return `none, a tombstone (${place})`;
  return valueToText(gateway, Buffer.from(value, 'base64'));
}
