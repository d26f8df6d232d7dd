import type { DeploymentSpec, PredictionMade } from '@headrace/contracts';
import { eventTimeOf, type EventLog } from '@headrace/event-log';
import { TopicTimeline } from './topic-timeline.js';

/** One timeline a topic and event-time field, shared by all deployments that read it so. */
export class Timelines {
  private readonly known = new Map<string, TopicTimeline>();

  constructor(private readonly log: EventLog) {}

  features({ input }: DeploymentSpec): TopicTimeline {
    return this.of(input.topic, input.eventTime, input.subject);
  }

  labels({ topic, eventTime }: NonNullable<DeploymentSpec['labels']>): TopicTimeline {
    return this.of(topic, eventTime);
  }

  predictions({ output }: DeploymentSpec): TopicTimeline {
    return this.of(output.topic, 'eventTime' satisfies keyof PredictionMade);
  }

  private of(topic: string, eventTime: string | undefined, subject?: string): TopicTimeline {
    const key = JSON.stringify([topic, eventTime, subject]);
    const timeline =
      this.known.get(key) ?? new TopicTimeline(this.log, topic, (record) => eventTimeOf(record, eventTime), subject);
    this.known.set(key, timeline);
    return timeline;
  }
}
