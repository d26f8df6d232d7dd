import type { ResolvedModel } from '@headrace/contracts';
import { HeadraceError, type ErrorCode, type RetryAdvice } from '@headrace/service-kit';
import { fork, type ChildProcess } from 'node:child_process';
import { FileCallJournal } from '../journal/file-call-journal.js';
import { forgetJournal, identityOf, journalPath } from '../journal/journal-folder.js';
import { Link } from '../pool/link.js';
import { processFacts } from '../pool/process-facts.js';

export interface ProbeRequest {
  readonly model: ResolvedModel;
  readonly features: number;
}

/** Where the child finds the bytes of a version; what it is started with. */
export interface ModelPlace {
  readonly gatewayUrl: string;
  readonly cacheFolder: string;
}

export interface ProbeOptions {
  readonly entry: string;
  /** Of the journals. */
  readonly folder: string;
  readonly models: ModelPlace;
  readonly limits: ProbeLimits;
}

export interface ProbeLimits {
  /** From the file in hand to the last answer. */
  readonly timeoutMs: number;
  readonly memoryLimitBytes: number;
}

/** How the child says what it found. */
export interface ProbeFailure {
  readonly code: ErrorCode;
  readonly retry: RetryAdvice;
  readonly message: string;
}

const POLL_MS = 50;
/** More than the model store waits for a file. */
const FETCH_MS = 90_000;

/** Tries one version in a process made for it, which is gone when this settles. @throws HeadraceError see Prober.check */
export async function runProbe({ entry, folder, models, limits }: ProbeOptions, request: ProbeRequest): Promise<void> {
  const child = fork(entry, [JSON.stringify(models)], { serialization: 'advanced' });
  if (child.pid === undefined) throw new HeadraceError('UNAVAILABLE', `cannot start ${entry}`);
  // A journal without a call: should this process die, the next one finds the child by it.
  const journal = journalPath(folder, identityOf(process.pid), identityOf(child.pid));
  FileCallJournal.create(journal).close();
  try {
    await verdict(child, limits, request);
  } finally {
    child.kill('SIGKILL');
    forgetJournal(journal);
  }
}

function verdict(child: ChildProcess, limits: ProbeLimits, request: ProbeRequest): Promise<void> {
  const version = `${request.model.name}@${request.model.version}`;
  const timers: NodeJS.Timeout[] = [];
  return new Promise<void>((resolve, reject) => {
    const refuse = (code: ErrorCode, what: string, retry?: RetryAdvice) =>
      reject(new HeadraceError(code, `${version} ${what}`, { ...(retry && { retry }) }));
    const link = new Link(child);
    link.onTell('passed', () => resolve());
    link.onTell<ProbeFailure>('failed', ({ code, retry, message }) =>
      reject(new HeadraceError(code, message, { retry })),
    );
    link.onTell('fetched', () => {
      const late = () => refuse('MODEL_HANGS', `did not answer its probe within ${limits.timeoutMs} ms`);
      timers.push(setTimeout(late, limits.timeoutMs));
    });
    timers.push(
      setTimeout(
        () => refuse('UNAVAILABLE', `could not be fetched within ${FETCH_MS} ms`),
        FETCH_MS + limits.timeoutMs,
      ),
    );
    timers.push(
      setInterval(() => {
        if ((processFacts(child.pid!)?.residentBytes ?? 0) > limits.memoryLimitBytes)
          refuse('MODEL_TOO_LARGE', `took more than ${Math.round(limits.memoryLimitBytes / 2 ** 20)} MiB in its probe`);
      }, POLL_MS),
    );
    child.once('error', (error) => refuse('UNAVAILABLE', `cannot be probed: ${error.message}`));
    child.once('exit', (code, signal) => {
      // SIGKILL is not the model's doing: the system's memory killer, or an operator.
      if (signal === 'SIGKILL') refuse('UNAVAILABLE', 'cannot be probed: the probe was killed');
      else refuse('MODEL_CRASHED', `ended its probe with ${signal ?? `code ${code}`}`);
    });
    link.tell('probe', request);
  }).finally(() => timers.forEach((timer) => clearTimeout(timer)));
}
