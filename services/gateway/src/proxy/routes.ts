/** Services whose HTTP APIs the gateway passes on. */
export type ServiceName = 'tracking' | 'registry' | 'serving' | 'streaming' | 'drift' | 'training' | 'alerting';

/** Path prefixes, whole segments only. The longest that fits wins, so order makes no difference. */
export const ROUTES: Readonly<Record<string, ServiceName>> = {
  '/health': 'tracking',
  '/version': 'tracking',
  '/get-artifact': 'tracking',
  '/v1/traces': 'tracking',
  '/api/2.0/mlflow': 'tracking',
  '/api/3.0/mlflow': 'tracking',
  '/ajax-api/3.0/mlflow': 'tracking',
  '/api/2.0/mlflow-artifacts': 'tracking',
  '/api/2.0/mlflow/registered-models': 'registry',
  '/api/2.0/mlflow/model-versions': 'registry',
  '/api/2.0/mlflow/webhooks': 'registry',
  '/ajax-api/2.0/mlflow': 'tracking',
  '/ajax-api/2.0/mlflow-artifacts': 'tracking',
  '/ajax-api/2.0/mlflow/registered-models': 'registry',
  '/ajax-api/2.0/mlflow/model-versions': 'registry',
  '/ajax-api/2.0/mlflow/webhooks': 'registry',
  '/api/headrace/v1/deployments': 'registry',
  '/api/headrace/v1/models': 'registry',
  '/api/headrace/v1/promotions': 'registry',
  '/api/headrace/v1/webhook-deliveries': 'registry',
  '/api/headrace/v1/registry': 'registry',
  '/api/headrace/v1/promotion-requests': 'registry',
  '/api/headrace/v1/policies': 'registry',
  '/api/headrace/v1/lineage': 'registry',
  '/api/headrace/v1/compare': 'registry',
  '/api/headrace/v1/audit': 'registry',
  '/api/headrace/v1/openapi/tracking': 'tracking',
  '/api/headrace/v1/openapi/registry': 'registry',
  '/v2': 'serving',
  '/api/headrace/v1/streaming': 'streaming',
  '/api/headrace/v1/dead-letters': 'streaming',
  '/api/headrace/v1/replays': 'streaming',
  '/api/headrace/v1/monitors': 'drift',
  '/api/headrace/v1/training': 'training',
  '/api/headrace/v1/alerts': 'alerting',
};

/** The gateway's own health; MLflow's clients ask for exactly /health. */
const OWN = ['/health/live', '/health/ready'];

/** The service a path belongs to; undefined when it is the gateway's own, or nobody's. */
export function routeOf(path: string): ServiceName | undefined {
  if (OWN.includes(path)) return undefined;
  let end = path.length;
  while (end > 0) {
    const prefix = path.slice(0, end);
    if (Object.hasOwn(ROUTES, prefix)) return ROUTES[prefix];
    end = path.lastIndexOf('/', end - 1);
  }
  return undefined;
}
