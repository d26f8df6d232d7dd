import type { GatewayClient } from './gateway-client.js';

export interface DeadLetter {
  /** Its own place, topic/partition@offset. */
  readonly place: string;
  /** Place of the rejected record. */
  readonly origin: string;
  readonly state: 'open' | 'redriven';
  /** Ms since the epoch. */
  readonly at: number;
  readonly code: string;
  readonly message: string;
  readonly group: string;
  readonly deployment: string | null;
  readonly model: string | null;
  readonly modelVersion: string | null;
  readonly attempt: number;
  readonly bytes: number | null;
  readonly redriven: { readonly at: number; readonly times: number } | null;
}

type Shown = string | { readonly base64: string } | null;

export interface FullDeadLetter extends DeadLetter {
  readonly key: Shown;
  readonly headers: Readonly<Record<string, Shown>>;
  /** Base64. */
  readonly value: string | null;
  /** False when the record was too large for its letter. */
  readonly holdsValue: boolean;
}

/** Which letters; times are ms since the epoch. */
export interface LetterFilter {
  readonly deployment?: string;
  readonly group?: string;
  readonly code?: string;
  readonly topic?: string;
  readonly since?: number;
  readonly until?: number;
  readonly state?: 'open' | 'redriven';
}

export interface RedriveAnswer {
  readonly redriven: ReadonlyArray<{
    readonly letter: string;
    readonly origin: string;
    readonly group: string;
    readonly topic: string;
    readonly partition: number | null;
    readonly attempt: number;
  }>;
  readonly refused: ReadonlyArray<{ readonly letter: string; readonly code: string; readonly message: string }>;
  /** What has not been looked through yet; the next request's `ranges`. */
  readonly remaining: readonly unknown[];
}

export interface RedriveOptions {
  readonly dryRun: boolean;
  readonly again: boolean;
}

const BASE = '/api/headrace/v1/dead-letters';

/** Newest first. */
export async function listDeadLetters(
  gateway: GatewayClient,
  filter: LetterFilter,
  limit: number,
): Promise<DeadLetter[]> {
  return (await gateway.get<{ deadLetters: DeadLetter[] }>(`${BASE}${query({ ...filter, limit })}`)).deadLetters;
}

/** @param place the letter's, or the rejected record's where the filter leaves one letter of it  @throws GatewayError 404, 409 */
export function getDeadLetter(gateway: GatewayClient, place: string, filter: LetterFilter): Promise<FullDeadLetter> {
  return gateway.get<FullDeadLetter>(`${BASE}/${encodeURIComponent(place)}${query(filter)}`);
}

export function getDeadLetterValue(gateway: GatewayClient, place: string, filter: LetterFilter): Promise<Buffer> {
  return gateway.download(`${BASE}/${encodeURIComponent(place)}/value${query(filter)}`);
}

export function redriveLetters(
  gateway: GatewayClient,
  letters: readonly string[],
  options: RedriveOptions,
): Promise<RedriveAnswer> {
  return gateway.post<RedriveAnswer>(`${BASE}/redrive`, { letters, ...options });
}

/** One answer a portion, until the filter's letters have all been looked at. */
export async function* redriveMatching(
  gateway: GatewayClient,
  filter: LetterFilter,
  options: RedriveOptions,
): AsyncGenerator<RedriveAnswer> {
  let ranges: readonly unknown[] | undefined;
  do {
    const answer: RedriveAnswer = await gateway.post(`${BASE}/redrive`, {
      filter,
      ...options,
      ...(ranges ? { ranges } : {}),
    });
    ranges = answer.remaining;
    yield answer;
  } while (ranges.length > 0);
}

function query(values: object): string {
  const given = Object.entries(values).filter(([, value]) => value !== undefined);
  const text = new URLSearchParams(Object.fromEntries(given.map(([name, value]) => [name, String(value)]))).toString();
  return text === '' ? '' : `?${text}`;
}
