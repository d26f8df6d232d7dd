import { invalid } from '@headrace/service-kit';
import type { DeploymentSpec } from '@headrace/contracts';
import { lockTopics } from '../locks.js';
import type { RegistryTransaction } from '../tables.js';
import { stateOf } from './next-generation.js';
import { flowOf, topicCycle } from './topic-cycle.js';

/**
 * Holds the spec against all other deployments. One at a time: each of two deployments may close a cycle that neither sees.
 * @throws HeadraceError INPUT_INVALID
 */
export async function refuseCycle(trx: RegistryTransaction, name: string, spec: DeploymentSpec): Promise<void> {
  await lockTopics(trx);
  const rows = await trx.selectFrom('deployments').selectAll().where('deleted', '=', false).execute();
  const others = rows.filter((row) => row.name !== name).map((row) => flowOf(row.name, stateOf(row).spec));
  const cycle = topicCycle(flowOf(name, spec), others);
  if (!cycle) return;
  const message = `comes back to ${spec.input.topic} through ${cycle.join(', ')}: records would go round for ever`;
  throw invalid(`Deployment '${name}'`, [{ path: 'spec.output', message }]);
}
