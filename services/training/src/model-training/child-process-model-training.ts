import { HeadraceError } from '@headrace/service-kit';
import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { TrainingAnswer } from './messages.js';
import type { ModelTraining, TrainingOrder, TrainingOutcome } from './model-training.js';

const program = fileURLToPath(new URL('./train.process.js', import.meta.url));

/**
 * A process a training, at low priority: the service's event loop never stalls, what the trainer allocated goes back to the system, and one
 * that runs out of memory takes only itself along.
 */
export class ChildProcessModelTraining implements ModelTraining {
  constructor(private readonly path = program) {}

  async train(order: TrainingOrder, signal: AbortSignal): Promise<TrainingOutcome> {
    signal.throwIfAborted();
    const child = fork(this.path, { serialization: 'advanced', stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    const kill = (): void => void child.kill('SIGKILL');
    signal.addEventListener('abort', kill, { once: true });
    try {
      const answer = await exchange(child, order, signal);
      if ('outcome' in answer) return answer.outcome;
      const { code, message, context } = answer.error;
      throw new HeadraceError(code, message, { context });
    } finally {
      signal.removeEventListener('abort', kill);
      kill();
    }
  }
}

function exchange(child: ChildProcess, order: TrainingOrder, signal: AbortSignal): Promise<TrainingAnswer> {
  return new Promise((resolve, reject) => {
    child.once('message', (answer) => resolve(answer as TrainingAnswer));
    child.once('error', (cause) =>
      reject(new HeadraceError('UNAVAILABLE', 'Cannot start a training process', { cause })),
    );
    child.once('exit', (code, killedBy) => {
      if (signal.aborted) return reject(signal.reason as Error);
      const how = killedBy ?? `exit code ${code}`;
      reject(
        new HeadraceError('UNAVAILABLE', `The training process ended without an answer: ${how}`, { retry: 'later' }),
      );
    });
    child.send(order);
  });
}
