import { HeadraceError } from '@headrace/service-kit';
import { asRunMetrics, qualityOf } from '../gate/quality.js';
import { requireSameOutputs } from '../onnx/require-same-outputs.js';
import type { Trainer, TrainingData } from '../trainers/trainer.js';
import { trainers } from '../trainers/trainers.js';
import type { TrainingOrder, TrainingOutcome } from './model-training.js';

/** Trains, exports, holds the export against the trainer, and measures both parts of the data. */
export async function trainModel(order: TrainingOrder, signal: AbortSignal): Promise<TrainingOutcome> {
  const { data, seed } = order;
  const model = await trainerNamed(order.trainer).train(data, { seed }, signal);
  const onnx = model.toOnnx(order.metadata);
  const scores = model.predict(data.features);
  const difference = await requireSameOutputs(onnx, data.features, data.featureNames.length, scores);
  const { training, validation } = parts(data, scores, model.validationRows);
  const metrics = {
    ...model.metrics,
    ...asRunMetrics('train', qualityOf(training.labels, training.scores)),
    ...asRunMetrics('validation', qualityOf(validation.labels, validation.scores)),
    rows: data.labels.length,
    onnx_max_difference: difference,
  };
  return { onnx, parameters: { trainer: order.trainer, ...model.parameters }, metrics };
}

function trainerNamed(name: string): Trainer {
  const trainer = trainers.get(name);
  if (trainer) return trainer;
  throw new HeadraceError(
    'INPUT_INVALID',
    `There is no trainer '${name}'; there are ${[...trainers.keys()].join(', ')}`,
  );
}

interface Scored {
  readonly labels: number[];
  readonly scores: number[];
}

function parts(
  data: TrainingData,
  scores: Float32Array,
  validationRows: Int32Array,
): Record<'training' | 'validation', Scored> {
  const kept = new Set(validationRows);
  const result = { training: { labels: [], scores: [] } as Scored, validation: { labels: [], scores: [] } as Scored };
  data.labels.forEach((label, row) => {
    const part = kept.has(row) ? result.validation : result.training;
    part.labels.push(label);
    part.scores.push(scores[row]!);
  });
  return result;
}
