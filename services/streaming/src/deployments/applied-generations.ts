import { topics, type DeploymentApplied } from '@headrace/contracts';
import type { EventLog, OutgoingEvent } from '@headrace/event-log';

interface Applied {
  readonly generation: number;
  readonly fromOffset: number;
}

export interface Application extends Applied {
  readonly deployment: string;
  readonly model: string;
  readonly version: number;
  readonly topic: string;
  readonly partition: number;
}

/** Since which offset of which partition a deployment's generation answers: told once, in the transaction of its first batch. */
export class AppliedGenerations {
  private readonly applied = new Map<string, Applied>();

  /** Recalls what has been told already. */
  static async recall(eventLog: EventLog): Promise<AppliedGenerations> {
    const known = new AppliedGenerations();
    for await (const { records } of eventLog.read(
      topics.deploymentEffects,
      await eventLog.offsets(topics.deploymentEffects),
    ))
      for (const { value } of records) known.applied.set(keyOf(value), value);
    return known;
  }

  /** The event for a batch that begins at `fromOffset`; none when the generation is known there already. A retried batch tells it again. */
  apply(application: Application): Array<OutgoingEvent<DeploymentApplied>> {
    const known = this.applied.get(keyOf(application));
    if (known?.generation === application.generation && known.fromOffset !== application.fromOffset) return [];
    this.applied.set(keyOf(application), application);
    return [{ topic: topics.deploymentEffects, key: application.deployment, value: { ...application } }];
  }
}

function keyOf({ deployment, topic, partition }: Pick<Application, 'deployment' | 'topic' | 'partition'>): string {
  return `${deployment} ${topic} ${partition}`;
}
