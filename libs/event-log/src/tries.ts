import { HeadraceError, messageOf, type RetryAdvice } from '@headrace/service-kit';

/** So many failures in a row are no accident, and are told. */
const FAILING = 3;
/** So many with an error that names no retry: somebody has to change something first. */
const LASTING = 10;

export interface FailedTry {
  readonly error: Error;
  readonly retry: RetryAdvice;
  /** Which one in a row, from 1. */
  readonly attempt: number;
  /** Names no retry, and has failed often enough that waiting alone will not help. */
  readonly isLasting: boolean;
}

/** Failures in a row of the same work, and what they mean. */
export class Tries {
  private attempt = 0;
  private last: Error | undefined;

  /** Why the work does not go on; undefined unless its last tries have failed. */
  get failure(): Error | undefined {
    return this.attempt >= FAILING ? this.last : undefined;
  }

  get lastFailed(): boolean {
    return this.attempt > 0;
  }

  failed(thrown: unknown): FailedTry {
    const error = thrown instanceof Error ? thrown : new Error(messageOf(thrown));
    const retry = thrown instanceof HeadraceError ? thrown.retry : 'never';
    this.last = error;
    const attempt = ++this.attempt;
    return { error, retry, attempt, isLasting: retry === 'never' && attempt >= LASTING };
  }

  succeeded(): void {
    this.attempt = 0;
    this.last = undefined;
  }
}
