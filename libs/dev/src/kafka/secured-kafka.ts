import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kafka, type AclEntry } from 'kafkajs';
import { freePort } from '../ports.js';
import type { Child } from '../processes/child.js';
import { startReaper } from '../processes/reaper.js';
import { RunFolder } from '../processes/run-folder.js';
import { brokersAnswering } from './brokers-answering.js';
import { CertificateAuthority } from './certificates.js';
import { clientOptions, type KafkaAccess } from './client-options.js';
import { kafkaReady, spawnKafkaNode } from './kafka-node.js';
import { scramUsers, securedNode } from './secured-properties.js';

export type SaslMechanism = 'plain' | 'scram-sha-256' | 'scram-sha-512';

/** `admin` may do everything, `headrace` what ACLs say, `stranger` nothing; further ones are the test's. */
const DEFAULT_USERS = ['admin', 'headrace', 'stranger'];

/**
 * A real broker on which nothing is open: TLS by a certificate authority of its own, SASL or a client certificate, ACLs. Free
 * ports, temporary folder; it ends with this process at the latest. Needs the command openssl.
 */
export class SecuredKafka {
  private constructor(
    /** Temporary; holds the certificates and the log. */
    readonly folder: string,
    readonly process: Child,
    private readonly ca: CertificateAuthority,
    private readonly saslBrokers: string,
    private readonly certificateBrokers: string,
    private readonly passwords: Readonly<Record<string, string>>,
  ) {}

  static async start(users: readonly string[] = []): Promise<SecuredKafka> {
    const folder = mkdtempSync(join(tmpdir(), 'headrace-secured-'));
    const runFolder = new RunFolder(join(folder, 'run'));
    startReaper(runFolder.path, folder);
    const ca = new CertificateAuthority(join(folder, 'certificates'));
    const passwords = Object.fromEntries([...DEFAULT_USERS, ...users].map((user) => [user, password()]));
    const [saslPort, certificatePort, controllerPort] = [await freePort(), await freePort(), await freePort()];
    const ports = { saslPort, certificatePort, controllerPort };
    const secrets = { caFile: ca.certFile, server: ca.server('broker'), users: passwords, admin: 'admin' };
    const child = await spawnKafkaNode({
      name: 'kafka',
      folder,
      properties: securedNode({ dataFolder: join(folder, 'data'), ...ports, ...secrets }),
      runFolder,
      logFile: join(folder, 'kafka.log'),
      format: scramUsers(passwords),
      heapMb: 384,
    });
    const [sasl, certified] = [`localhost:${saslPort}`, `127.0.0.1:${certificatePort}`];
    const kafka = new SecuredKafka(folder, child, ca, sasl, certified, passwords);
    const answers = async () => (await brokersAnswering(kafka.access('admin'))) > 0;
    await kafkaReady(child, `Kafka at ${sasl}`, 120_000, answers);
    return kafka;
  }

  /** The settings with which a service is this user. */
  access(user: string, mechanism: SaslMechanism = 'plain'): KafkaAccess {
    return {
      KAFKA_BROKERS: this.saslBrokers,
      KAFKA_SSL: 'true',
      KAFKA_SSL_CA_FILE: this.ca.certFile,
      KAFKA_SASL_MECHANISM: mechanism,
      KAFKA_SASL_USERNAME: user,
      KAFKA_SASL_PASSWORD: this.passwords[user] ?? 'nobody knows him',
    };
  }

  /** The settings with which a service is this user by a certificate, without SASL. */
  certifiedAccess(user: string): KafkaAccess {
    const { certFile, keyFile } = this.ca.client(user);
    return {
      KAFKA_BROKERS: this.certificateBrokers,
      KAFKA_SSL: 'true',
      KAFKA_SSL_CA_FILE: this.ca.certFile,
      KAFKA_SSL_CERT_FILE: certFile,
      KAFKA_SSL_KEY_FILE: keyFile,
    };
  }

  /** The certificate of an authority that has nothing to do with this broker. */
  foreignCaFile(): string {
    return new CertificateAuthority(join(this.folder, 'foreign'), 'another CA').certFile;
  }

  /** Adds ACLs, for example those that a guide's commands add (bindingsOf). */
  async allow(acl: AclEntry[]): Promise<void> {
    const admin = new Kafka(clientOptions(this.access('admin'))).admin();
    await admin.connect();
    await admin.createAcls({ acl }).finally(() => admin.disconnect());
  }

  /** Ends the broker and removes the folder. */
  async close(): Promise<void> {
    await this.process.stop(15_000);
    rmSync(this.folder, { recursive: true, force: true });
  }
}

const password = () => randomBytes(9).toString('hex');
