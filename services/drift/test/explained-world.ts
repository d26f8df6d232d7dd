import { topics, type DeploymentSpec, type PredictionExplained } from '@headrace/contracts';
import { seededRandom } from '@headrace/statistics';
import { DriftWorld } from './drift-world.js';
import type { SyntheticRecord } from './synthetic-traffic.js';

/** Attributions of the two features, by record id. */
export type Attributions = ReadonlyMap<string, readonly [number, number]>;

/** A world whose deployments have their predictions explained. */
export class ExplainedWorld extends DriftWorld {
  /** Explanations of the watched deployment's records; every tenth comes twice and says something else the second time, every hundredth names no record. */
  async sendExplanations(all: readonly SyntheticRecord[], attributions: Attributions): Promise<void> {
    const events = all.flatMap((record, i) => {
      const own = attributions.get(record.id);
      if (!own) return [];
      const first = this.explained(record, own);
      const more = [
        ...(i % 10 === 1 ? [this.explained(record, [100, 0])] : []),
        ...(i % 100 === 2 ? [{ ...first, recordId: '' }] : []),
      ];
      return [first, ...more].map((value) => ({ topic: topics.explanations, key: record.id, value }));
    });
    await this.log.publish(events);
  }

  protected override moreDeclared(): Partial<DeploymentSpec> {
    return { explain: { method: 'shapley', baseline: { first: 0.5, second: 5 }, share: 0.75, permutations: 2 } };
  }

  private explained(record: SyntheticRecord, attributions: readonly [number, number]): PredictionExplained {
    return {
      predictionId: `${this.watched}:${record.id}`,
      recordId: record.id,
      deployment: this.watched,
      generation: 1,
      model: this.model,
      version: 1,
      eventTime: record.time,
      method: 'shapley',
      permutations: 2,
      exact: true,
      score: record.score,
      baseScore: 0.5,
      attributions: [...attributions],
      input: { topic: 'unused', partition: 0, offset: 0 },
    };
  }
}

/** Three records of four are explained; the first feature moves scores most, until the model leans on the second, from hour `shiftFrom` on. */
export function attributionsOf(all: readonly SyntheticRecord[], perHour: number, shiftFrom: number): Attributions {
  const random = seededRandom(41);
  const signed = (size: number): number => (random() < 0.5 ? -1 : 1) * size * random();
  const told = all.map(({ id }, i): [string, [number, number]] => {
    const [first, second] = i < shiftFrom * perHour ? [0.6, 0.3] : [0.2, 0.7];
    return [id, [signed(first), signed(second)]];
  });
  return new Map(told.filter((_, i) => i % 4 !== 0));
}
