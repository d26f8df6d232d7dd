import { HeadraceError, messageOf, type ErrorCode, type RetryAdvice } from '@headrace/service-kit';
import { protocolErrors, protocolErrorsCodesById } from '@platformatic/kafka';
import { adviceOn, refusalOf } from '../refusals.js';

/** Kafka's error codes that are answered to in code. */
export const codes = {
  unknown: -1,
  offsetOutOfRange: 1,
  messageTooLarge: 10,
  coordinatorLoading: 14,
  coordinatorNotAvailable: 15,
  notCoordinator: 16,
  recordListTooLarge: 18,
  illegalGeneration: 22,
  unknownMember: 25,
  rebalanceInProgress: 27,
  duplicateSequence: 46,
  concurrentTransactions: 51,
  memberIdRequired: 79,
  unstableOffset: 88,
} as const;

const UNAUTHORIZED: Readonly<Record<number, string>> = {
  29: 'topic',
  30: 'group',
  31: 'cluster',
  53: 'transactional id',
  // Of a transaction's topics, those that may be written to when another may not: the first that is named may be one of them.
  55: 'topic',
};

/** What a broker refused, by Kafka's own code. */
export class BrokerError extends HeadraceError {
  constructor(
    /** Kafka's error code. */
    readonly kafkaCode: number,
    what: string,
    cause?: unknown,
  ) {
    super(errorCode(kafkaCode), `${what}: ${describe(kafkaCode)}`, { cause, retry: retry(kafkaCode) });
  }
}

/** @param what was asked, for the message */
export function brokerError(what: string, error: unknown): HeadraceError {
  if (error instanceof HeadraceError) return error;
  const refusal = refusalOf(what, error);
  if (refusal?.code === 'CONFIG_INVALID') return refusal;
  const code = kafkaCodeOf(error);
  if (code !== undefined) return new BrokerError(code, what, error);
  // Deeper causes say what really happened (ECONNREFUSED, a certificate, a password).
  return new HeadraceError('UNAVAILABLE', `${what}: ${reasons(error)}`, { cause: error });
}

/** Undefined for what is no broker's answer. */
export function kafkaCodeOf(error: unknown): number | undefined {
  if (error instanceof BrokerError) return error.kafkaCode;
  const { apiCode, errors } = error as { apiCode?: number; errors?: unknown[] };
  if (typeof apiCode === 'number') return apiCode;
  for (const each of errors ?? []) {
    const code = kafkaCodeOf(each);
    if (code !== undefined) return code;
  }
  return undefined;
}

export function isOneOf(error: unknown, ...wanted: readonly number[]): boolean {
  const code = kafkaCodeOf(error);
  return code !== undefined && wanted.includes(code);
}

function describe(code: number): string {
  const id = (protocolErrorsCodesById as Record<number, string>)[code] ?? `error ${code}`;
  const message = (protocolErrors as Record<string, { message: string }>)[id]?.message ?? '';
  const advice = adviceOn(id);
  return `${id}. ${message}${advice === undefined ? '' : ` ${advice}`}`;
}

function errorCode(code: number): ErrorCode {
  if (UNAUTHORIZED[code]) return 'FORBIDDEN';
  return isRetriable(code) ? 'UNAVAILABLE' : 'FENCED';
}

function retry(code: number): RetryAdvice {
  return UNAUTHORIZED[code] ? 'never' : 'later';
}

function isRetriable(code: number): boolean {
  const id = (protocolErrorsCodesById as Record<number, string>)[code] ?? '';
  return (protocolErrors as Record<string, { canRetry: boolean }>)[id]?.canRetry ?? false;
}

function reasons(error: unknown): string {
  const parts = [messageOf(error)];
  for (let cause = (error as Error).cause; cause !== undefined && parts.length < 5; cause = (cause as Error).cause)
    parts.push(messageOf(cause));
  return parts.join(' ');
}
