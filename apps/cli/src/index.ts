export { applyDeployment } from './commands/apply.js';
export { GatewayClient } from './gateway/gateway-client.js';
export { GatewayError, GatewayUnreachable } from './gateway/gateway-error.js';
export { readManifests, type DeploymentManifest } from './manifests/read-manifests.js';
export { table } from './output/table.js';
