import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** PEM files. */
export interface KeyPair {
  readonly certFile: string;
  readonly keyFile: string;
  /** Key and certificate in one file, as Kafka reads a PEM key store. */
  readonly bothFile: string;
}

/** A certificate authority of its own, for one test's broker and clients. Needs the command openssl (OpenSSL or LibreSSL). */
export class CertificateAuthority {
  readonly certFile: string;
  private readonly keyFile: string;

  constructor(
    private readonly folder: string,
    name = 'headrace test CA',
  ) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.certFile = join(folder, 'ca.pem');
    this.keyFile = join(folder, 'ca.key');
    newKey(this.keyFile);
    const config = join(folder, 'ca.cnf');
    writeFileSync(config, `[req]\ndistinguished_name=dn\nx509_extensions=ca\n[dn]\n${authority}`);
    const subject = ['-subj', `/CN=${name}`, '-days', DAYS];
    openssl('req', '-x509', '-new', '-key', this.keyFile, '-config', config, ...subject, '-out', this.certFile);
  }

  /** For a server that is reached as localhost or 127.0.0.1. */
  server(name: string): KeyPair {
    return this.issue(name, 'extendedKeyUsage=serverAuth,clientAuth\nsubjectAltName=DNS:localhost,IP:127.0.0.1\n');
  }

  /** For a client whose name is the certificate's CN. */
  client(name: string): KeyPair {
    return this.issue(name, 'extendedKeyUsage=clientAuth\n');
  }

  private issue(name: string, extensions: string): KeyPair {
    const file = (ending: string) => join(this.folder, `${name}.${ending}`);
    const pair = { certFile: file('pem'), keyFile: file('key'), bothFile: file('both.pem') };
    newKey(pair.keyFile);
    writeFileSync(file('ext'), extensions);
    openssl('req', '-new', '-key', pair.keyFile, '-subj', `/CN=${name}`, '-out', file('csr'));
    const signer = ['-CA', this.certFile, '-CAkey', this.keyFile, '-CAcreateserial', '-days', DAYS];
    openssl('x509', '-req', '-in', file('csr'), ...signer, '-extfile', file('ext'), '-out', pair.certFile);
    writeFileSync(pair.bothFile, readFileSync(pair.keyFile, 'utf8') + readFileSync(pair.certFile, 'utf8'));
    return pair;
  }
}

const DAYS = '2';
const authority = '[ca]\nbasicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\n';

/** PKCS 8, which Kafka asks for. */
function newKey(file: string): void {
  openssl('genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256', '-out', file);
}

function openssl(...args: string[]): void {
  const result = spawnSync('openssl', args, { encoding: 'utf8' });
  if (result.error)
    throw new Error(`cannot run openssl (${result.error.message}), which makes the test's certificates`);
  if (result.status !== 0) throw new Error(`openssl ${args.join(' ')} failed:\n${result.stderr}`);
}
