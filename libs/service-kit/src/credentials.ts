import type { CredentialsConfig } from './config.js';

/**
 * The value of the Authorization header, undefined without credentials. HEADRACE_TOKEN counts before the others; of MLflow's, as in its clients, the user
 * before the token. It is for requests alone: never log it.
 */
export function authorizationOf(config: CredentialsConfig): string | undefined {
  const { HEADRACE_TOKEN, MLFLOW_TRACKING_TOKEN, MLFLOW_TRACKING_USERNAME, MLFLOW_TRACKING_PASSWORD } = config;
  if (HEADRACE_TOKEN) return `Bearer ${HEADRACE_TOKEN}`;
  if (MLFLOW_TRACKING_USERNAME && MLFLOW_TRACKING_PASSWORD !== undefined) {
    const pair = `${MLFLOW_TRACKING_USERNAME}:${MLFLOW_TRACKING_PASSWORD}`;
    return `Basic ${Buffer.from(pair).toString('base64')}`;
  }
  return MLFLOW_TRACKING_TOKEN ? `Bearer ${MLFLOW_TRACKING_TOKEN}` : undefined;
}
