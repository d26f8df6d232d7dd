import { MlflowController, MlflowPost } from '@headrace/mlflow-protocol';

/**
 * MLflow 3's client looks for logged models whenever it lists or downloads a run's artifacts. This service keeps none, so a search finds none, and the client
 * goes on with the run's own artifacts; creating one is answered ENDPOINT_NOT_FOUND.
 */
@MlflowController('/logged-models')
export class LoggedModelsController {
  @MlflowPost('search')
  search() {
    return { models: [] };
  }
}
