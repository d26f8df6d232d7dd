import { alreadyExists, doesNotExist, invalidParameter, type MlflowError } from '@headrace/mlflow-protocol';

export const noSuchExperiment = (id: number): MlflowError => doesNotExist(`No Experiment with id=${id} exists`);

export const experimentNotActive = (id: number): MlflowError =>
  invalidParameter(`The experiment ${id} must be in the 'active' state. Current state is deleted.`);

export const experimentExists = (name: string): MlflowError => alreadyExists(`Experiment '${name}' already exists.`);
