import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { initializers, layers, sequential, type Sequential } from '@tensorflow/tfjs-layers';
import { logLoss } from '@headrace/statistics';
import { setImmediate } from 'node:timers/promises';
import { exportDenseNetwork, type DenseLayer } from '../onnx/export-dense-network.js';
import { requireLearnable } from './require-learnable.js';
import { seededRandom, shuffle } from './seeded-random.js';
import { splitRows, type RowSplit } from './split-rows.js';
import { fitStandardisation, standardise, type Standardisation } from './standardise.js';
import type { TrainedModel, Trainer, TrainingData, TrainOptions } from './trainer.js';

export interface DenseSettings {
  readonly name: string;
  /** Units of each hidden layer; none makes a logistic regression. */
  readonly hidden: readonly number[];
  /** Of Adam. */
  readonly learningRate: number;
}

/** At least this many steps an epoch, so that small data sets are learnt too, in batches of these bounds. */
const STEPS_AN_EPOCH = 32;
const BATCH_ROWS = { least: 16, most: 512 };
const MAX_EPOCHS = 20;
/** Epochs without a better validation loss before it stops. */
const PATIENCE = 3;
const VALIDATION_SHARE = 0.15;
const PREDICT_ROWS = 8192;

// Keeps tfjs from printing an advertisement for its native backend on standard output.
tf.env().set('PROD', true);

/** A dense network on standardised inputs, trained by Adam on the log loss, with early stopping. 25,000 rows of 10 take some seconds. */
export function denseTrainer(settings: DenseSettings): Trainer {
  return {
    name: settings.name,
    async train(data, options, signal) {
      requireLearnable(data);
      signal.throwIfAborted();
      await tf.setBackend('cpu');
      return new DenseTraining(settings, data, options).run(signal);
    },
  };
}

/** One training. Keeps the weights of the epoch with the best validation loss. */
class DenseTraining {
  private readonly width: number;
  private readonly standardisation: Standardisation;
  private readonly inputs: Float32Array;
  private readonly split: RowSplit;
  private readonly random: () => number;
  private readonly network: Sequential;
  private readonly batchRows: number;
  private best = { loss: Number.POSITIVE_INFINITY, epoch: 0, weights: [] as Float32Array[] };

  constructor(
    private readonly settings: DenseSettings,
    private readonly data: TrainingData,
    private readonly options: TrainOptions,
  ) {
    this.width = data.featureNames.length;
    this.standardisation = fitStandardisation(data.features, this.width);
    this.inputs = standardise(data.features, this.standardisation);
    this.split = splitRows(data.labels, VALIDATION_SHARE, options.seed);
    this.batchRows = batchRowsFor(this.split.training.length);
    this.random = seededRandom(options.seed + 1);
    this.network = buildNetwork(settings, this.width, options.seed);
  }

  async run(signal: AbortSignal): Promise<TrainedModel> {
    let epoch = 0;
    while (epoch < MAX_EPOCHS && epoch - this.best.epoch < PATIENCE) {
      await this.learnEpoch(signal);
      this.keepIfBetter(++epoch);
    }
    this.restoreBest();
    return this.trained(epoch);
  }

  private async learnEpoch(signal: AbortSignal): Promise<void> {
    const order = shuffle(this.split.training.slice(), this.random);
    for (let from = 0; from < order.length; from += this.batchRows) {
      // tfjs computes synchronously: without this pause an abort would not be heard before the end.
      await setImmediate();
      signal.throwIfAborted();
      await this.learnBatch(order.subarray(from, from + this.batchRows));
    }
  }

  private async learnBatch(rows: Int32Array): Promise<void> {
    const inputs = tf.tensor2d(this.take(rows), [rows.length, this.width]);
    const targets = tf.tensor2d(
      Float32Array.from(rows, (row) => this.data.labels[row]!),
      [rows.length, 1],
    );
    await this.network.trainOnBatch(inputs, targets);
    tf.dispose([inputs, targets]);
  }

  private keepIfBetter(epoch: number): void {
    const { validation } = this.split;
    const labels = Uint8Array.from(validation, (row) => this.data.labels[row]!);
    const loss = logLoss(labels, this.forward(this.take(validation)));
    if (loss === null || !(loss < this.best.loss)) return;
    const weights = this.network.getWeights().map((tensor) => tensor.dataSync<'float32'>().slice());
    this.best = { loss, epoch, weights };
  }

  private restoreBest(): void {
    const current = this.network.getWeights();
    const best = this.best.weights.map((values, at) => tf.tensor(values, current[at]!.shape));
    this.network.setWeights(best);
    tf.dispose(best);
  }

  private trained(epochs: number): TrainedModel {
    const { standardisation, best } = this;
    return {
      parameters: this.parameters(),
      metrics: { epochs, best_epoch: best.epoch },
      validationRows: this.split.validation,
      predict: (features) => this.forward(standardise(features, standardisation)),
      toOnnx: (metadata) => exportDenseNetwork(standardisation, toLayers(best.weights), metadata),
    };
  }

  private parameters(): Record<string, string | number> {
    const { hidden, learningRate } = this.settings;
    const fixed = { optimizer: 'adam', batch_rows: this.batchRows, max_epochs: MAX_EPOCHS, patience: PATIENCE };
    const shape = { hidden: hidden.join('-') || 'none', learning_rate: learningRate };
    return { ...shape, ...fixed, validation_share: VALIDATION_SHARE, seed: this.options.seed };
  }

  private take(rows: Int32Array): Float32Array {
    const taken = new Float32Array(rows.length * this.width);
    rows.forEach((row, at) => {
      taken.set(this.inputs.subarray(row * this.width, (row + 1) * this.width), at * this.width);
    });
    return taken;
  }

  private forward(inputs: Float32Array): Float32Array {
    const rows = inputs.length / this.width;
    const scores = new Float32Array(rows);
    for (let from = 0; from < rows; from += PREDICT_ROWS) {
      const part = inputs.subarray(from * this.width, (from + PREDICT_ROWS) * this.width);
      tf.tidy(() => {
        const output = this.network.predict(tf.tensor2d(part, [part.length / this.width, this.width])) as tf.Tensor;
        scores.set(output.dataSync<'float32'>(), from);
      });
    }
    return scores;
  }
}

function batchRowsFor(rows: number): number {
  return Math.min(BATCH_ROWS.most, Math.max(BATCH_ROWS.least, Math.ceil(rows / STEPS_AN_EPOCH)));
}

function buildNetwork(settings: DenseSettings, width: number, seed: number): Sequential {
  const network = sequential();
  const units = [...settings.hidden, 1];
  units.forEach((count, at) => {
    network.add(
      layers.dense({
        units: count,
        activation: at === units.length - 1 ? 'sigmoid' : 'relu',
        kernelInitializer: initializers.glorotUniform({ seed: seed + at }),
        ...(at === 0 ? { inputShape: [width] } : {}),
      }),
    );
  });
  network.compile({ optimizer: tf.train.adam(settings.learningRate), loss: 'binaryCrossentropy' });
  return network;
}

/** Kernel and bias alternate in the network's weights. */
function toLayers(weights: readonly Float32Array[]): DenseLayer[] {
  const count = weights.length / 2;
  return Array.from({ length: count }, (_, at) => ({
    weights: weights[2 * at]!,
    bias: weights[2 * at + 1]!,
    activation: at === count - 1 ? ('Sigmoid' as const) : ('Relu' as const),
  }));
}
