import { denseTrainer } from './dense.trainer.js';
import type { Trainer } from './trainer.js';

/** The register: one line a trainer; the contract suite beside runs over each. */
export const trainers: ReadonlyMap<string, Trainer> = new Map(
  [
    denseTrainer({ name: 'mlp', hidden: [32, 16], learningRate: 0.004 }),
    denseTrainer({ name: 'logistic', hidden: [], learningRate: 0.02 }),
  ].map((trainer) => [trainer.name, trainer]),
);
