import { HeadraceError } from '@headrace/service-kit';
import { fork } from 'node:child_process';
import type { Signature } from './signature.js';

/** Loading takes memory and time that a hostile file chooses, ms. */
const TIMEOUT_MS = 60_000;
/** Files looked at at once: each is a process with a runtime in it, and twenty versions may be registered together. */
const MOST = 2;
const entry = new URL('../inspect-onnx.js', import.meta.url);

export type Inspected = Omit<Signature, 'columns'>;

/** `missing`: files that the model's tensors lie in, by their names beside it. */
export type InspectionAnswer = Inspected | { readonly fault: string } | { readonly missing: readonly string[] };

/**
 * Loads the file with the runtime that will answer with it, in a process of its own: one that crashes, hangs or eats memory takes nothing with it.
 * A model whose tensors lie in files beside it is put together: afterwards `file` needs none.
 * @param fetchBeside writes the file of that name beside it
 * @throws HeadraceError MODEL_INVALID when it cannot be loaded, and what fetchBeside throws
 */
export async function inspectOnnx(file: string, fetchBeside: (name: string) => Promise<void>): Promise<Inspected> {
  await turn();
  try {
    const first = await inspectNow(file);
    if (!('missing' in first)) return first;
    for (const name of first.missing) await fetchBeside(name);
    const second = await inspectNow(file);
    if (!('missing' in second)) return second;
    throw invalid(`${second.missing.join(', ')} cannot be put beside it`);
  } finally {
    under--;
    waiting.shift()?.();
  }
}

let under = 0;
const waiting: Array<() => void> = [];

async function turn(): Promise<void> {
  while (under >= MOST) await new Promise<void>((resolve) => waiting.push(resolve));
  under++;
}

async function inspectNow(file: string): Promise<Exclude<InspectionAnswer, { fault: string }>> {
  const child = fork(entry, [file], { stdio: 'ignore', execArgv: ['--max-old-space-size=512'], serialization: 'json' });
  const answer = await new Promise<InspectionAnswer>((resolve) => {
    const timer = setTimeout(() => child.kill('SIGKILL'), TIMEOUT_MS);
    child.once('message', (message) => resolve(message as InspectionAnswer));
    child.once('error', (error) => resolve({ fault: error.message }));
    child.once('exit', (code, signal) => {
      clearTimeout(timer);
      resolve({ fault: `the runtime ended on it with ${signal ?? `code ${code}`}` });
    });
  });
  if ('fault' in answer) throw invalid(answer.fault);
  return answer;
}

function invalid(what: string): HeadraceError {
  return new HeadraceError('MODEL_INVALID', `The ONNX file cannot be loaded: ${what}`);
}
