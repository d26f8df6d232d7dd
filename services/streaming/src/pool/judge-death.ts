import type { QuarantineReason } from '@headrace/contracts';
import type { JournaledCall } from '../journal/journal-format.js';

/** A process died in a call, by a hand that is not known. */
export interface Strike {
  readonly model: string;
  readonly version: number;
  readonly deployment: string;
  readonly partition: number;
  readonly offset: number;
  /** ms since the epoch. */
  readonly at: number;
}

export interface Death {
  /** Null: it ended by itself; 'unknown': nobody saw it. */
  readonly signal: NodeJS.Signals | 'unknown' | null;
  /** The last call of its journal. */
  readonly call: JournaledCall | null;
  readonly at: number;
}

export interface Judgement {
  readonly quarantine: { readonly reason: QuarantineReason; readonly evidence: string } | null;
  readonly strikes: readonly Strike[];
}

/** What only the code in the process itself can bring upon it. */
const CRASHES: ReadonlySet<string> = new Set(['SIGSEGV', 'SIGABRT', 'SIGBUS', 'SIGILL', 'SIGFPE', 'SIGTRAP', 'SIGSYS']);
/** An end that nobody saw took the pool with it: a machine or container that goes down says little of the model that happened to be in a call. */
const MOST_STRIKES = { SIGKILL: 3, unknown: 10 } as const;
const STRIKES_WITHIN_MS = 600_000;

/**
 * Whether the version in the call is to blame for a death that the pool did not cause. Pure.
 * A crash in a call: yes. SIGKILL (an operator, the system's memory killer, chaos) in a call: at the third time in a row within ten minutes; an
 * unseen end: at the tenth, where 'in a row' means at the same batch: had the killer been chance, the batch would have been committed in between.
 */
export function judgeDeath({ signal, call, at }: Death, strikes: readonly Strike[]): Judgement {
  if (!call?.running) return { quarantine: null, strikes: [] };
  const { model, version, deployment, partition, offset } = call;
  const place = `${deployment} in the batch from offset ${offset} of partition ${partition}`;
  if (signal !== null && CRASHES.has(signal)) {
    const evidence = `the worker died of ${signal} in a call for ${place}`;
    return { quarantine: { reason: 'CRASHED', evidence }, strikes: [] };
  }
  if (signal !== 'SIGKILL' && signal !== 'unknown') return { quarantine: null, strikes: [] };
  const strike = { model, version, deployment, partition, offset, at };
  const row = [...strikes.filter((each) => isSame(each, strike) && at - each.at <= STRIKES_WITHIN_MS), strike];
  if (row.length < MOST_STRIKES[signal]) return { quarantine: null, strikes: row };
  const evidence = `${row.length} workers in a row were ended from outside (SIGKILL; the system's memory killer sends it, too) in a call for ${place}`;
  return { quarantine: { reason: 'KILLED', evidence }, strikes: [] };
}

function isSame(a: Strike, b: Strike): boolean {
  return (
    a.model === b.model &&
    a.version === b.version &&
    a.deployment === b.deployment &&
    a.partition === b.partition &&
    a.offset === b.offset
  );
}
