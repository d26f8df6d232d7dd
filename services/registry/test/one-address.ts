import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

const REGISTRY = [
  '/api/2.0/mlflow/registered-models',
  '/api/2.0/mlflow/model-versions',
  '/api/2.0/mlflow/webhooks',
  '/api/headrace/',
];

export interface OneAddress {
  readonly url: string;
  close(): Promise<void>;
}

/** The least that puts tracking and registry behind one base URL, as MLflow's client needs it: paths and bodies pass untouched. */
export async function oneAddress(ports: { tracking: number; registry: number }): Promise<OneAddress> {
  const pass = (incoming: IncomingMessage, outgoing: ServerResponse): void => {
    const { method, headers, url: path } = incoming;
    const port = REGISTRY.some((prefix) => path!.startsWith(prefix)) ? ports.registry : ports.tracking;
    const behind = request({ host: '127.0.0.1', port, method, path, headers }, (response) => {
      outgoing.writeHead(response.statusCode!, response.headers);
      response.pipe(outgoing);
    });
    behind.on('error', () => outgoing.writeHead(502).end());
    incoming.pipe(behind);
  };
  const server = createServer(pass);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
