import { candidateRefused } from './candidate-refused.rule.js';
import { deadLetters } from './dead-letters.rule.js';
import { driftWarning, modelDrift } from './drift.rules.js';
import { modelQuarantined } from './model-quarantined.rule.js';
import type { Rule } from './rule.js';
import { serviceDown } from './service-down.rule.js';
import { trainingFailed } from './training-failed.rule.js';

/** Every alert there is. A new one: a file, and a line here. */
export const rules: readonly Rule[] = [
  modelDrift,
  driftWarning,
  candidateRefused,
  trainingFailed,
  modelQuarantined,
  deadLetters,
  serviceDown,
];
