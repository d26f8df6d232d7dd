import { topics } from '@headrace/contracts';
import { HeadraceError } from '@headrace/service-kit';
import { describe, expect, it } from '@jest/globals';
import { InMemoryEventLog } from './in-memory-event-log.js';
import { publishAgain } from './publish-again.js';

/** A log whose partition moves to another leader after it has taken the first try, unheard. */
class MovingLog extends InMemoryEventLog {
  tries = 0;

  constructor(private readonly failures: HeadraceError[]) {
    super();
  }

  override async publish(events: Parameters<InMemoryEventLog['publish']>[0]): Promise<void> {
    this.tries++;
    await super.publish(events);
    const failure = this.failures.shift();
    if (failure) throw failure;
  }
}

const away = () => new HeadraceError('UNAVAILABLE', 'not the leader');
const event = { topic: topics.deadLetters, key: 'k', id: 'one', value: Buffer.from('v') };

async function idsIn(log: InMemoryEventLog): Promise<string[]> {
  const ids: string[] = [];
  for await (const { records } of log.read(topics.deadLetters, await log.offsets(topics.deadLetters)))
    ids.push(...records.map(({ headers }) => headers['ce_id']!.toString()));
  return ids;
}

describe('publishing again', () => {
  it('outlives a leader change; what is there twice has one id', async () => {
    const log = new MovingLog([away(), away()]);
    await publishAgain(log, [event], 5_000);
    expect(await idsIn(log)).toEqual(['one', 'one', 'one']);
  });

  it('ends with its patience', async () => {
    const log = new MovingLog([away(), away()]);
    await expect(publishAgain(log, [event], 0)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(log.tries).toBe(1);
  });

  it('does not try again what is refused', async () => {
    const log = new MovingLog([new HeadraceError('FORBIDDEN', 'no ACL')]);
    await expect(publishAgain(log, [event], 5_000)).rejects.toMatchObject({ code: 'FORBIDDEN' });
    expect(log.tries).toBe(1);
  });
});
