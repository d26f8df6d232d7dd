import { topics, type PredictionMade, type ReplayFinished, type ReplayRecords } from '@headrace/contracts';
import { eventTimeOf, recordIdOf, type EventLog, type OutgoingEvent } from '@headrace/event-log';
import { featuresOf } from '../src/dataset/feature-row.js';
import { runOnnx } from '../src/onnx/run-onnx.js';
import type { World } from './flights.js';

/** Plays streaming's part: scores recorded records, live or as a replay. */
export class FakeStreaming {
  constructor(
    private readonly log: EventLog,
    private readonly world: World,
    /** The ONNX file of a version. */
    private readonly modelOf: (version: number) => Uint8Array,
  ) {}

  /** Answers a replay command twice, as at-least-once delivery may. */
  async replay(command: ReplayRecords): Promise<void> {
    const predictions = await this.score(command.version, command.ranges, `replay:${command.replayId}`, topics.replays);
    await this.log.publish(predictions);
    const outputRanges = await this.log.offsets(topics.replays);
    const { replayId, model, version, outputTopic } = command;
    const scored = predictions.length;
    const value: ReplayFinished = { replayId, status: 'COMPLETED', model, version, outputTopic, outputRanges, scored };
    const event = { topic: topics.replayResults, key: replayId, value };
    await this.log.publish([event, event]);
  }

  /** What the version predicted in production, for records from this event time on. */
  async live(version: number, fromTime: number): Promise<void> {
    const ranges = await this.log.offsets(this.world.features.name);
    const all = await this.score(version, ranges, this.world.deployment, topics.predictions);
    await this.log.publish(all.filter(({ value }) => value!.eventTime >= fromTime));
  }

  private async score(
    version: number,
    ranges: ReplayRecords['ranges'],
    deployment: string,
    topic: typeof topics.replays,
  ) {
    const { input, model } = this.world.spec;
    const events: Array<OutgoingEvent<PredictionMade>> = [];
    for await (const batch of this.log.read(input.topic, ranges)) {
      const rows = batch.records.map((record) => featuresOf(record, input)!);
      const matrix = Float32Array.from(rows.flatMap((row) => [...row]));
      const scores = await runOnnx(this.modelOf(version), matrix, input.features.length);
      batch.records.forEach((record, row) => {
        const recordId = recordIdOf(record, input.recordId)!;
        const eventTime = eventTimeOf(record, input.eventTime)!;
        const known = { deployment, model: model.name, version, eventTime, outputs: [] };
        const value = { ...known, predictionId: `${deployment}:${recordId}`, recordId, score: scores[row]! };
        events.push({ topic, key: recordId, value });
      });
    }
    return events;
  }
}
