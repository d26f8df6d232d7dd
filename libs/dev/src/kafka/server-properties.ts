export interface BrokerAddress {
  readonly dataFolder: string;
  readonly port: number;
  readonly controllerPort: number;
}

/** One node that is broker and controller, reachable from this machine alone. */
export function serverProperties({ dataFolder, port, controllerPort }: BrokerAddress): string {
  const properties = {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
    'controller.listener.names': 'CONTROLLER',
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${port}`,
    'log.dirs': dataFolder,
    // A misspelt topic shall fail, not appear.
    'auto.create.topics.enable': false,
    // Retention reads record timestamps: records dated 2001 would be deleted at the first check.
    'log.message.timestamp.type': 'LogAppendTime',
    'offsets.topic.replication.factor': 1,
    'offsets.topic.num.partitions': 4,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'transaction.state.log.num.partitions': 4,
    'share.coordinator.state.topic.replication.factor': 1,
    'share.coordinator.state.topic.min.isr': 1,
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
  return Object.entries(properties)
    .map(([key, value]) => `${key}=${value}\n`)
    .join('');
}
