import { messageOf } from '@headrace/service-kit';
import { join } from 'node:path';
import { demoIsBuilt, startDemo } from './demo.js';
import { Platform } from './platform.js';
import { RunLock } from './run-lock.js';
import { readSettings, type Settings } from './settings.js';
import { stopOnSignals, type Stop } from './stop-on-signals.js';
import { whereToLook } from './where-to-look.js';

export interface RunOptions {
  /** Play the demo stream. */
  readonly demo: boolean;
  /** End with the demo, with its exit code. */
  readonly once: boolean;
  readonly demoArguments: readonly string[];
}

const say = (line: string) => console.error(`headrace: ${line}`);

/** The platform in the foreground, until Ctrl-C (or, with `once`, the demo's end). Resolves with the exit code when no child is left. */
export async function runPlatform(options: RunOptions): Promise<number> {
  if (options.once && !options.demo) return refuse('--once ends with the demo, so it does not go with --no-demo');
  const settings = settingsOrFaults();
  if (typeof settings === 'string') return refuse(settings);
  const lock = RunLock.acquire(join(settings.home, 'run', 'supervisor.lock'));
  if (!(lock instanceof RunLock)) {
    return refuse(
      `it runs already on ${settings.home} (pid ${lock.pid}); stop that one first, or set HEADRACE_HOME to another folder`,
    );
  }
  try {
    return await runLocked(settings, options);
  } finally {
    lock.release();
  }
}

async function runLocked(settings: Settings, options: RunOptions): Promise<number> {
  const signal = stopOnSignals(say);
  const platform = new Platform({ settings, say, signal });
  try {
    return await play(platform, settings, options, signal);
  } catch (error) {
    // What fails while stopping fails because of that.
    if (signal.aborted) return (signal.reason as Stop).exitCode;
    say(messageOf(error));
    return 1;
  } finally {
    await platform.stop();
    say('stopped');
  }
}

async function play(platform: Platform, settings: Settings, options: RunOptions, signal: AbortSignal): Promise<number> {
  const startedAt = performance.now();
  await platform.start();
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  say(`ready after ${seconds} s; Ctrl-C stops everything\n${whereToLook(settings, platform.services)}`);
  const stopped = new Promise<never>((_, reject) => {
    const stop = () => reject(signal.reason as Error);
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
  return Promise.race([platform.failed, stopped, demoOrForEver(platform, options)]);
}

/** Without `once` it never resolves: the platform outlives the demo. */
async function demoOrForEver(platform: Platform, { demo, once, demoArguments }: RunOptions): Promise<number> {
  if (demo && demoIsBuilt()) {
    const code = await platform.runBeside(startDemo(platform, [...(once ? ['--once'] : []), ...demoArguments]));
    if (once) return code;
    say(`the demo ended with exit code ${code}; the platform runs on, Ctrl-C stops it`);
  } else if (once) {
    throw new Error('there is no demo in this checkout');
  }
  return new Promise<number>(() => {});
}

function settingsOrFaults(): Settings | string {
  try {
    return readSettings();
  } catch (error) {
    return messageOf(error);
  }
}

function refuse(why: string): number {
  say(why);
  return 1;
}
