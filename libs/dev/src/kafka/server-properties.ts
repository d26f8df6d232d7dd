/** What stands in a broker's server.properties. */
export type Properties = Readonly<Record<string, string | number | boolean>>;

export interface BrokerAddress {
  readonly dataFolder: string;
  readonly port: number;
  readonly controllerPort: number;
}

/** What every node has: small, quick to notice what died, and with the platform's idea of time. */
export const smallNode: Properties = {
  'process.roles': 'broker,controller',
  'controller.listener.names': 'CONTROLLER',
  // A misspelt topic shall fail, not appear.
  'auto.create.topics.enable': false,
  // Retention reads record timestamps: records dated 2001 would be deleted at the first check.
  'log.message.timestamp.type': 'LogAppendTime',
  'offsets.topic.num.partitions': 4,
  'transaction.state.log.num.partitions': 4,
  'group.initial.rebalance.delay.ms': 0,
  // Tests kill members and wait for the group to notice.
  'group.min.session.timeout.ms': 1000,
  // The default, 128 MiB, is a quarter of the heap; 16 MiB compacts 600,000 keys a pass.
  'log.cleaner.dedupe.buffer.size': 16 * 1024 * 1024,
  // A killed broker may come back only when its old session has ended: 9 s by default. Below 3 s a busy machine would fence it.
  'broker.session.timeout.ms': 3000,
  'broker.heartbeat.interval.ms': 500,
  'num.network.threads': 2,
  'num.io.threads': 4,
  'background.threads': 2,
};

/** How often the broker's own topics are kept, and how many of the copies must have a write. */
export function replication(replicas: number, inSync: number): Properties {
  return {
    'default.replication.factor': replicas,
    'min.insync.replicas': inSync,
    'offsets.topic.replication.factor': replicas,
    'transaction.state.log.replication.factor': replicas,
    'transaction.state.log.min.isr': inSync,
    'share.coordinator.state.topic.replication.factor': replicas,
    'share.coordinator.state.topic.min.isr': inSync,
  };
}

/** One node that is broker and controller, reachable from this machine alone. */
export function singleNode({ dataFolder, port, controllerPort }: BrokerAddress): Properties {
  return {
    ...smallNode,
    ...replication(1, 1),
    'node.id': 1,
    'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${port}`,
    'log.dirs': dataFolder,
  };
}

export function formatProperties(properties: Properties): string {
  return Object.entries(properties)
    .map(([key, value]) => `${key}=${value}\n`)
    .join('');
}

/** The server.properties of a single node. */
export function serverProperties(address: BrokerAddress): string {
  return formatProperties(singleNode(address));
}
