import { BrokerChannel } from './broker-channel.js';
import type { BrokerAddress, Cluster } from './cluster.js';

type CoordinatorKind = 'group' | 'transaction';

/** One subscription's channels for writing, one a broker. What is broken is opened again, what has moved is asked for again. */
export class BrokerChannels {
  private readonly open = new Map<string, Promise<BrokerChannel>>();

  constructor(
    private readonly cluster: Cluster,
    private readonly clientId: string,
  ) {}

  async leader(topic: string, partition: number): Promise<BrokerChannel> {
    return this.to((await this.cluster.partition(topic, partition)).leader);
  }

  async coordinator(kind: CoordinatorKind, key: string): Promise<BrokerChannel> {
    return this.to(await this.cluster.coordinator(kind, key));
  }

  forget(topic: string): void {
    this.cluster.forget(topic);
  }

  async close(): Promise<void> {
    const channels = await Promise.allSettled(this.open.values());
    this.open.clear();
    for (const each of channels) if (each.status === 'fulfilled') each.value.close();
  }

  private async to(broker: BrokerAddress): Promise<BrokerChannel> {
    const key = `${broker.host}:${broker.port}`;
    const current = this.open.get(key);
    const known = await current?.catch(() => undefined);
    if (known?.isOpen) return known;
    // Somebody else may have opened one meanwhile.
    const later = this.open.get(key);
    if (later !== undefined && later !== current) return later;
    const opening = BrokerChannel.open(this.cluster, broker, this.clientId);
    this.open.set(key, opening);
    opening.catch(() => undefined);
    return opening;
  }
}
