import type { KafkaConfig } from '@headrace/service-kit';
import { HeadraceError } from '@headrace/service-kit';
import { Connection, findCoordinatorV4, metadataV12, type ConnectionOptions } from '@platformatic/kafka';
import { isIP } from 'node:net';
import { kafkaLogin } from '../kafka-login.js';
import { refusalOf } from '../refusals.js';
import { brokerError, BrokerError, codes, kafkaCodeOf } from './protocol-error.js';
import { untilSettled } from './until-settled.js';

export interface BrokerAddress {
  readonly host: string;
  readonly port: number;
}

export interface PartitionMetadata {
  readonly leader: BrokerAddress;
  readonly leaderEpoch: number;
}

const CONNECT_TIMEOUT_MS = 5_000;
const REQUEST_TIMEOUT_MS = 30_000;
/** Leaders and partition counts are asked for again after this, ms; at once after an error. */
const METADATA_AGE_MS = 30_000;
const COORDINATOR = { group: 0, transaction: 1 } as const;

interface Known {
  readonly at: number;
  readonly partitions: Promise<readonly PartitionMetadata[]>;
}

/** How brokers are reached (TLS and SASL as configured), who leads a partition and who coordinates what. */
export class Cluster {
  private readonly options: ConnectionOptions;
  private readonly topics = new Map<string, Known>();
  private bootstrap: Promise<Connection> | undefined;
  /** Why the brokers hang up, when one has said so since it last answered. */
  private refusal: HeadraceError | undefined;

  constructor(
    private readonly clientId: string,
    private readonly config: KafkaConfig,
  ) {
    const { tls, sasl } = kafkaLogin(config);
    this.options = {
      connectTimeout: CONNECT_TIMEOUT_MS,
      maxInflights: 64,
      ...(tls ? { tls } : {}),
      ...(sasl ? { sasl: { ...sasl, mechanism: sasl.mechanism.toUpperCase() as 'PLAIN' } } : {}),
    };
  }

  /** An authenticated connection. @throws HeadraceError UNAVAILABLE */
  async connect({ host, port }: BrokerAddress, requestTimeout = REQUEST_TIMEOUT_MS): Promise<Connection> {
    // A server is asked for by name; an address is no name (RFC 6066), its certificate is checked all the same.
    const tlsServerName = isIP(host) === 0;
    const connection = new Connection(this.clientId, { ...this.options, tlsServerName, requestTimeout });
    // Errors reach the caller through the requests that fail, but for a refused certificate: in TLS 1.3 its alert comes after the handshake,
    // and the requests only know that the connection was closed. Without a listener errors would end the process.
    connection.on('error', (error: Error) => {
      this.refusal = refusalOf(`Kafka at ${host}:${port} cannot be reached`, error) ?? this.refusal;
    });
    try {
      await connection.connect(host, port);
      return connection;
    } catch (error) {
      await connection.close().catch(() => undefined);
      throw brokerError(`Kafka at ${host}:${port} cannot be reached`, error);
    }
  }

  /** Partitions in order. @throws HeadraceError UNAVAILABLE, also when the topic does not exist (yet) */
  partitions(topic: string): Promise<readonly PartitionMetadata[]> {
    const known = this.topics.get(topic);
    if (known && Date.now() - known.at < METADATA_AGE_MS) return known.partitions;
    const partitions = this.fetchPartitions(topic);
    this.topics.set(topic, { at: Date.now(), partitions });
    partitions.catch(() => this.topics.delete(topic));
    return partitions;
  }

  async partition(topic: string, partition: number): Promise<PartitionMetadata> {
    const found = (await this.partitions(topic))[partition];
    if (found) return found;
    this.forget(topic);
    throw new HeadraceError('UNAVAILABLE', `Topic ${topic} has no partition ${partition}`);
  }

  /** Something has changed there: the next question goes to a broker. */
  forget(topic: string): void {
    this.topics.delete(topic);
  }

  async coordinator(kind: keyof typeof COORDINATOR, key: string): Promise<BrokerAddress> {
    const what = `Coordinator of ${kind} ${key}`;
    const answer = await untilSettled(what, [codes.coordinatorNotAvailable, codes.coordinatorLoading], () =>
      this.ask(what, (connection) => findCoordinatorV4.api.async(connection, COORDINATOR[kind], [key])),
    );
    const found = answer.coordinators[0];
    if (!found) throw new HeadraceError('UNAVAILABLE', `${what} is not known`);
    if (found.errorCode !== 0) throw new BrokerError(found.errorCode, what);
    return found;
  }

  async close(): Promise<void> {
    await this.bootstrap?.then((connection) => connection.close()).catch(() => undefined);
  }

  private async fetchPartitions(topic: string): Promise<readonly PartitionMetadata[]> {
    const what = `Topic ${topic}`;
    const answer = await this.ask(what, (connection) => metadataV12.api.async(connection, [topic], false));
    const brokers = new Map(answer.brokers.map((broker) => [broker.nodeId, broker]));
    const partitions: PartitionMetadata[] = [];
    for (const { partitionIndex, leaderId, leaderEpoch, errorCode } of answer.topics[0]?.partitions ?? []) {
      const leader = brokers.get(leaderId);
      if (!leader) throw new BrokerError(errorCode || 5, `${what}, partition ${partitionIndex}`);
      partitions[partitionIndex] = { leader, leaderEpoch };
    }
    if (partitions.length === 0) throw new HeadraceError('UNAVAILABLE', `${what} does not exist`);
    return partitions;
  }

  private async ask<R>(what: string, question: (connection: Connection) => Promise<R>): Promise<R> {
    const asked = (this.bootstrap ??= this.anyBroker());
    try {
      const answer = await question(await asked);
      this.refusal = undefined;
      return answer;
    } catch (error) {
      // A broker that answers is one that can be asked again.
      if (kafkaCodeOf(error) === undefined) {
        if (this.bootstrap === asked) this.bootstrap = undefined;
        void asked.then((connection) => connection.close()).catch(() => undefined);
      }
      throw this.refusal ?? brokerError(what, error);
    }
  }

  private async anyBroker(): Promise<Connection> {
    let last: unknown;
    for (const broker of shuffled(this.config.KAFKA_BROKERS)) {
      const at = broker.lastIndexOf(':');
      try {
        return await this.connect({ host: broker.slice(0, at), port: Number(broker.slice(at + 1)) });
      } catch (error) {
        last = error;
      }
    }
    throw last;
  }
}

function shuffled<T>(items: readonly T[]): T[] {
  const start = Math.floor(Math.random() * items.length);
  return [...items.slice(start), ...items.slice(0, start)];
}
