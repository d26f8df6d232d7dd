import type { Logger } from '@headrace/service-kit';
import { readJournal } from '../journal/file-call-journal.js';
import { forgetJournal, isAlive, journalsIn, type JournalOwner } from '../journal/journal-folder.js';
import type { JournaledCall } from '../journal/journal-format.js';
import { monotonicMs } from '../journal/monotonic-clock.js';
import type { QuarantineOffice } from '../quarantine/quarantine-office.js';
import { processFacts } from './process-facts.js';
import { judgeDeath } from './judge-death.js';
import type { StrikeFile } from './strike-file.js';

export interface LeftoverParts {
  readonly folder: string;
  readonly strikes: StrikeFile;
  readonly office: QuarantineOffice;
  readonly callLimitMs: number;
  readonly logger: Logger;
}

/**
 * Ends the workers of parents that are dead. A worker ends by itself when its parent does, unless a model holds it: that version is quarantined
 * before the worker is killed. Workers of living parents are left alone, and so is any process whose start time is another than the journal's.
 */
export async function endLeftovers(parts: LeftoverParts): Promise<void> {
  for (const owner of journalsIn(parts.folder).filter(({ parent }) => !isAlive(parent))) {
    const call = readJournal(owner.path);
    if (isAlive(owner.worker)) await endLiving(parts, owner, call);
    else await judgeDead(parts, call);
    forgetJournal(owner.path);
  }
}

async function endLiving(
  { office, callLimitMs, logger }: LeftoverParts,
  owner: JournalOwner,
  call: JournaledCall | null,
) {
  const ageMs = call?.running ? monotonicMs() - call.sinceMs : 0;
  if (call && ageMs >= callLimitMs && !processFacts(owner.worker.pid)?.stopped) {
    const seconds = Math.round(ageMs / 1000);
    await office.put(
      call,
      'HANGS',
      `a call for ${call.deployment} had lasted ${seconds} s when its worker was found without a parent`,
    );
  }
  // Looked at again: the quarantine may have taken its time, and a pid is not for ever.
  if (!isAlive(owner.worker)) return;
  logger.warn({ pid: owner.worker.pid, call }, 'worker of a dead parent killed');
  process.kill(owner.worker.pid, 'SIGKILL');
}

async function judgeDead({ office, strikes }: LeftoverParts, call: JournaledCall | null): Promise<void> {
  const judgement = judgeDeath({ signal: 'unknown', call, at: Date.now() }, strikes.read());
  if (call?.running) strikes.write(judgement.strikes);
  if (call && judgement.quarantine) await office.put(call, judgement.quarantine.reason, judgement.quarantine.evidence);
}
