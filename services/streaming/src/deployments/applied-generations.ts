import { topics, type DeploymentApplied } from '@headrace/contracts';
import type { EventLog, OutgoingEvent } from '@headrace/event-log';
import { effectKey, lastEffects } from './ended-effects.js';

type Applied = Pick<DeploymentApplied, 'generation' | 'model' | 'version' | 'fromOffset'>;

/** Not what was recalled either. */
const UNKNOWN: Applied = { generation: -1, model: '', version: -1, fromOffset: -1 };

export interface Application extends Applied {
  readonly deployment: string;
  readonly topic: string;
  readonly partition: number;
}

/** Since which offset of which partition a deployment's version answers: told once an assignment, in the transaction of its first batch. */
export class AppliedGenerations {
  private readonly applied = new Map<string, Applied>();

  /**
   * Recalls what has been told already; what is not known yet is told again. Nothing waits for it: the topic's end may be held back by the
   * open transaction of a worker that was killed, until another one takes its partition over.
   */
  async recall(eventLog: EventLog): Promise<void> {
    for (const [key, value] of await lastEffects(eventLog))
      if (value.state !== 'REMOVED' && !this.applied.has(key)) this.applied.set(key, value);
  }

  /** The event for a batch that begins at `fromOffset`; none when it is known already that this version answers there. A retried batch tells it again. */
  apply(application: Application): Array<OutgoingEvent<DeploymentApplied>> {
    const known = this.applied.get(effectKey(application));
    if (known && isSame(known, application) && known.fromOffset !== application.fromOffset) return [];
    this.applied.set(effectKey(application), application);
    return [{ topic: topics.deploymentEffects, key: application.deployment, value: { ...application } }];
  }

  /** Another worker has had the partition in between, and may have told something else. */
  forget(place: Pick<Application, 'deployment' | 'topic' | 'partition'>): void {
    this.applied.set(effectKey(place), UNKNOWN);
  }
}

function isSame(a: Applied, b: Applied): boolean {
  return a.generation === b.generation && a.model === b.model && a.version === b.version;
}
