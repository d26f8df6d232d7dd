import type { KeyPair } from './certificates.js';
import { replication, smallNode, type Properties } from './server-properties.js';

export interface SecuredNode {
  readonly dataFolder: string;
  /** SASL_SSL: PLAIN, SCRAM-SHA-256 and SCRAM-SHA-512. */
  readonly saslPort: number;
  /** SSL with a client certificate, whose CN is the principal. */
  readonly certificatePort: number;
  readonly controllerPort: number;
  readonly caFile: string;
  readonly server: KeyPair;
  /** Passwords by user. */
  readonly users: Readonly<Record<string, string>>;
  /** The user the broker itself is; the only super user. */
  readonly admin: string;
}

const MECHANISMS = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'];

/** One node on which nothing is open: TLS on all listeners, everyone named, and nothing allowed but by an ACL. */
export function securedNode(node: SecuredNode): Properties {
  const { saslPort, certificatePort, controllerPort, admin } = node;
  const addresses = { CLIENTS: saslPort, CERTIFIED: certificatePort };
  const listed = (all: Record<string, number>) =>
    Object.entries(all)
      .map(([name, port]) => `${name}://127.0.0.1:${port}`)
      .join(',');
  return {
    ...smallNode,
    ...replication(1, 1),
    'node.id': 1,
    'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
    'listener.security.protocol.map': 'CLIENTS:SASL_SSL,CERTIFIED:SSL,CONTROLLER:SASL_SSL',
    listeners: listed({ ...addresses, CONTROLLER: controllerPort }),
    'advertised.listeners': listed(addresses),
    'inter.broker.listener.name': 'CLIENTS',
    'log.dirs': node.dataFolder,
    ...tls(node),
    ...sasl(node),
    'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    'super.users': `User:${admin}`,
    'allow.everyone.if.no.acl.found': false,
  };
}

function tls({ caFile, server }: SecuredNode): Properties {
  return {
    'ssl.keystore.type': 'PEM',
    'ssl.keystore.location': server.bothFile,
    'ssl.truststore.type': 'PEM',
    'ssl.truststore.location': caFile,
    'listener.name.certified.ssl.client.auth': 'required',
    'ssl.principal.mapping.rules': 'RULE:^CN=([^,]+).*$/$1/',
  };
}

function sasl({ users, admin }: SecuredNode): Properties {
  const known = Object.entries(users).map(([name, password]) => `user_${name}="${password}"`);
  const login = `username="${admin}" password="${users[admin]}" ${known.join(' ')}`;
  const plain = `org.apache.kafka.common.security.plain.PlainLoginModule required ${login};`;
  const scram = 'org.apache.kafka.common.security.scram.ScramLoginModule required;';
  return {
    'sasl.enabled.mechanisms': MECHANISMS.join(','),
    'sasl.mechanism.inter.broker.protocol': 'PLAIN',
    'sasl.mechanism.controller.protocol': 'PLAIN',
    'listener.name.controller.sasl.enabled.mechanisms': 'PLAIN',
    'listener.name.controller.plain.sasl.jaas.config': plain,
    'listener.name.clients.plain.sasl.jaas.config': plain,
    'listener.name.clients.scram-sha-256.sasl.jaas.config': scram,
    'listener.name.clients.scram-sha-512.sasl.jaas.config': scram,
  };
}

/** Arguments of `StorageTool format`: SCRAM credentials lie in the metadata, which must hold them before anyone can log in. */
export function scramUsers(users: Readonly<Record<string, string>>): string[] {
  const mechanisms = MECHANISMS.filter((mechanism) => mechanism.startsWith('SCRAM'));
  return Object.entries(users).flatMap(([name, password]) =>
    mechanisms.flatMap((mechanism) => ['--add-scram', `${mechanism}=[name=${name},password=${password}]`]),
  );
}
