import type { DeploymentChanged, DeploymentSpec } from '@headrace/contracts';
import { KafkaEventLog } from '@headrace/event-log';
import { HttpModelStore, type ModelRuntime } from '@headrace/model-runtime';
import { createLogger, messageOf, Metrics, type Logger } from '@headrace/service-kit';
import type { StreamingConfig } from '../config.js';
import { AppliedGenerations } from '../deployments/applied-generations.js';
import { DeploymentManager } from '../deployments/deployment-manager.js';
import { SOURCE } from '../deployments/running-deployment.js';
import { HttpModelCatalogue } from '@headrace/model-runtime/catalogue';
import { FileCallJournal } from '../journal/file-call-journal.js';
import { ModelCalls } from '../journal/guarded-model.js';
import { identityOf, journalPath } from '../journal/journal-folder.js';
import { Link } from '../pool/link.js';
import { isolationOf } from '../pool/merge-states.js';
import type { WorkerArguments } from '../pool/worker-process.js';
import { Quarantines } from '../quarantine/quarantines.js';
import { ReplayManager } from '../replay/replay-manager.js';
import { streamingMetrics } from '../streaming-metrics.js';
import { ParentProbe } from './parent-probe.js';
import { utilizationMetric } from './utilization-metric.js';

/** Less than the parent waits. */
const STOP_GRACE_MS = 12_000;

interface Work {
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** A worker process: composition root, signals, and the answers to its parent. The runtime is passed in, so that a test can bring a hostile one. */
export async function runWorker(config: StreamingConfig, args: WorkerArguments, runtime: ModelRuntime): Promise<void> {
  const logger = createLogger('streaming', config.LOG_LEVEL).child({ worker: args.name });
  const link = new Link(process);
  const metrics = new Metrics();
  const fail = (error: unknown): void => {
    logger.fatal({ err: error }, `giving up: ${messageOf(error)}`);
    process.exit(1);
  };
  process.on('unhandledRejection', fail);
  process.on('uncaughtException', fail);
  // Also while it is still starting, when Kafka may be away and nothing else would end it.
  process.once('disconnect', () => setTimeout(() => process.exit(1), STOP_GRACE_MS).unref());
  if (!process.connected) process.exit(1);
  utilizationMetric(metrics, args.name);
  const journal = FileCallJournal.create(journalPath(args.folder, args.parent, identityOf(process.pid)));
  const eventLog = new KafkaEventLog({ source: SOURCE, config, logger, metrics, onFatal: fail });
  link.onAsk('metrics', () => metrics.snapshot());
  const work = await workOf({ config, args, runtime, link, metrics, logger, journal, eventLog });
  const started = endInOrder(work, eventLog, link, metrics, logger);
  await work.start();
  started();
  link.tell('ready');
}

interface WorkerParts {
  readonly config: StreamingConfig;
  readonly args: WorkerArguments;
  readonly runtime: ModelRuntime;
  readonly link: Link;
  readonly metrics: Metrics;
  readonly logger: Logger;
  readonly journal: FileCallJournal;
  readonly eventLog: KafkaEventLog;
}

/** Deployments; replays too, where the worker is not one deployment's own. */
async function workOf({ config, args, runtime, link, metrics, logger, journal, eventLog }: WorkerParts): Promise<Work> {
  const quarantines = await Quarantines.follow(eventLog);
  const shared = {
    eventLog,
    logger,
    runtime,
    quarantines,
    store: new HttpModelStore(config.GATEWAY_URL, config.MODEL_CACHE_DIR),
    catalogue: new HttpModelCatalogue(config.GATEWAY_URL),
    probe: new ParentProbe(link),
    calls: new ModelCalls(journal, quarantines),
  };
  const runsHere = (changed: DeploymentChanged): boolean =>
    args.only === null ? isolationOf(changed) === 'shared' : changed.name === args.only;
  const applied = new AppliedGenerations();
  applied.recall(eventLog).catch((error: unknown) => logger.debug({ err: error }, 'effects not recalled'));
  const deployments = new DeploymentManager({ ...shared, applied, runsHere, metrics: streamingMetrics(metrics) });
  link.onAsk('states', () => deployments.states());
  const specOf = (name: string): DeploymentSpec | undefined => {
    const changed = deployments.get(name);
    return changed && (JSON.parse(changed.spec) as DeploymentSpec);
  };
  const replays = args.only === null ? new ReplayManager({ ...shared, specOf }, logger) : null;
  return {
    async start() {
      // Before a replay asks for its deployment: one that is not known yet would fail it for good.
      await deployments.start();
      await replays?.start();
    },
    async stop() {
      await replays?.stop();
      await deployments.stop();
      await quarantines.stop();
    },
  };
}

/**
 * On its parent's word, on SIGTERM and when its parent is gone: finishes what it has in hand, leaves its groups, ends. Ctrl-C reaches all
 * processes of a terminal; the parent decides.
 * @returns to be called when work has begun: before, there is nothing in hand to finish
 */
function endInOrder(work: Work, eventLog: KafkaEventLog, link: Link, metrics: Metrics, logger: Logger): () => void {
  let ending = false;
  let started = false;
  const end = async (why: string): Promise<void> => {
    if (ending) return;
    ending = true;
    logger.debug({ why }, 'worker ends');
    if (!started) process.exit(0);
    setTimeout(() => process.exit(1), STOP_GRACE_MS).unref();
    try {
      await work.stop();
      await eventLog.close();
      link.tell('counts', await metrics.snapshot());
    } catch (error) {
      logger.error({ err: error }, 'worker did not end cleanly');
    }
    // Lets the last counts reach the parent.
    process.once('disconnect', () => process.exit(0));
    if (process.connected) process.disconnect();
    else process.exit(0);
  };
  link.onTell('stop', () => void end('its parent ends'));
  process.on('disconnect', () => void end('its parent is gone'));
  process.on('SIGTERM', () => void end('SIGTERM'));
  process.on('SIGINT', () => undefined);
  return () => (started = true);
}
