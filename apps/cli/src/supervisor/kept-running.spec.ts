import type { Child, Exit } from '@headrace/dev';
import { describe, expect, it } from '@jest/globals';
import { KeptRunning } from './kept-running.js';

/** A process that ends when told. */
class FakeChild implements Child {
  readonly pid = 1;
  readonly name = 'fake';
  stopped = false;
  readonly exited: Promise<Exit>;
  end!: (exit: Exit) => void;

  constructor() {
    this.exited = new Promise((resolve) => (this.end = resolve));
  }
  exit = () => null;
  logTail = () => 'the last line';
  kill = () => this.stop();
  stop() {
    this.stopped = true;
    this.end({ code: 0, signal: null });
    return this.exited;
  }
}

function keptRunning() {
  const children: FakeChild[] = [];
  const launched: (() => void)[] = [];
  const said: string[] = [];
  let giveUp!: (error: Error) => void;
  const gaveUp = new Promise<Error>((resolve) => (giveUp = resolve));
  const launch = async () => {
    const child = new FakeChild();
    children.push(child);
    launched.shift()?.();
    return child;
  };
  const kept = new KeptRunning({ name: 'fake', launch, say: (line) => said.push(line), onGiveUp: giveUp });
  const nextLaunch = () => new Promise<void>((resolve) => launched.push(resolve));
  return { kept, children, said, gaveUp, nextLaunch };
}

describe('KeptRunning', () => {
  it('starts a process again that ended unexpectedly, and says so', async () => {
    const { kept, children, said, nextLaunch } = keptRunning();
    await kept.start();
    const again = nextLaunch();
    children[0]!.end({ code: null, signal: 'SIGKILL' });
    await again;
    expect(said).toEqual(['fake: it ended (SIGKILL); starting it again in 0.5 s']);
    await kept.stop(0);
    expect(children.map(({ stopped }) => stopped)).toEqual([expect.anything(), true]);
  });

  it('does not start a process again that it stopped', async () => {
    const { kept, children, said } = keptRunning();
    await kept.start();
    await kept.stop(0);
    expect({ launches: children.length, said }).toEqual({ launches: 1, said: [] });
  });

  it('ends a process whose launch finished only after stop', async () => {
    const { kept, children } = keptRunning();
    const starting = kept.start();
    await kept.stop(0);
    await starting;
    expect(children[0]!.stopped).toBe(true);
  });

  it('gives up with the last log lines when it does not stay up', async () => {
    const { kept, children, gaveUp, nextLaunch } = keptRunning();
    await kept.start();
    for (let end = 0; end < 4; end++) {
      const again = nextLaunch();
      children[end]!.end({ code: 1, signal: null });
      await again;
    }
    children[4]!.end({ code: 1, signal: null });
    await expect(gaveUp).resolves.toMatchObject({ message: expect.stringMatching(/exit code 1.*\nthe last line$/) });
    await kept.stop(0);
    expect(children).toHaveLength(5);
  });
});
