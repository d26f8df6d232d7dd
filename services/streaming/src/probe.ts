import { HttpModelStore, OnnxRuntime } from '@headrace/model-runtime';
import { HeadraceError, messageOf } from '@headrace/service-kit/errors';
import { Link } from './pool/link.js';
import { probeModel } from './probe/probe-model.js';
import type { ModelPlace, ProbeRequest } from './probe/run-probe.js';

/** The process in which one version is tried; its parent ends it. It imports little: each new version pays for its start. */
const { gatewayUrl, cacheFolder } = JSON.parse(process.argv[2]!) as ModelPlace;
const link = new Link(process);
process.on('disconnect', () => process.exit(0));
process.on('SIGINT', () => undefined);

link.onTell<ProbeRequest>('probe', (request) => void probe(request));

async function probe({ model, features }: ProbeRequest): Promise<void> {
  try {
    const bytes = await new HttpModelStore(gatewayUrl, cacheFolder).fetch(model);
    link.tell('fetched');
    await probeModel(new OnnxRuntime(), bytes, features);
    link.tell('passed');
  } catch (error) {
    const { code, retry } =
      error instanceof HeadraceError ? error : { code: 'INTERNAL' as const, retry: 'later' as const };
    link.tell('failed', { code, retry, message: `${model.name}@${model.version}: ${messageOf(error)}` });
  }
}
