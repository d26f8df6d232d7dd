import { HeadraceError, messageOf, silentLogger, type Logger } from '@headrace/service-kit';
import { Kysely, PostgresDialect, type PostgresPool } from 'kysely';
import pg from 'pg';
import { isDatabaseUnavailable } from './sql-errors.js';

/** Injection token of the service's Database. */
export const DATABASE = Symbol('headrace.database');

export interface DatabaseConfig {
  readonly DATABASE_URL: string;
}

export interface DatabaseOptions {
  readonly logger?: Logger;
  /** Most connections of this process, default 10. */
  readonly maxConnections?: number;
}

/** A service's own PostgreSQL schema: unqualified names resolve to it and to nothing else of the database. */
export interface Database<DB> {
  readonly db: Kysely<DB>;
  readonly pool: pg.Pool;
  readonly schema: string;
  /** @throws HeadraceError UNAVAILABLE when PostgreSQL does not answer. */
  check(): Promise<void>;
  close(): Promise<void>;
}

/** How long a caller waits for a connection before it gets UNAVAILABLE, ms. */
const CONNECT_TIMEOUT_MS = 5_000;

/**
 * Opens nothing yet: connections are made on first use, and again after PostgreSQL has been away.
 * bigint columns come back as numbers: ids and epoch milliseconds stay far below 2^53.
 */
export function createDatabase<DB>(
  config: DatabaseConfig,
  schema: string,
  options: DatabaseOptions = {},
): Database<DB> {
  const logger = options.logger ?? silentLogger();
  const pool = new pg.Pool({
    connectionString: config.DATABASE_URL,
    options: `-c search_path=${checkedSchema(schema)}`,
    application_name: `headrace-${schema}`,
    max: options.maxConnections ?? 10,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    types: { getTypeParser: typeParser as never },
  });
  survive(pool, logger);
  const dialect = new PostgresDialect({ pool: asPort(pool) });
  const db = new Kysely<DB>({ dialect });
  return { db, pool, schema, check: () => check(pool), close: () => db.destroy() };
}

/** A schema name that needs no quoting anywhere. */
export function checkedSchema(schema: string): string {
  if (/^[a-z][a-z0-9_]{0,62}$/.test(schema)) return schema;
  throw new HeadraceError(
    'CONFIG_INVALID',
    `'${schema}' is no schema name: lower-case letters, digits and _, at most 63`,
  );
}

/**
 * pg reports a lost connection as an 'error' event, on the pool when it is idle and on the client when it is lent; without a listener
 * on both, a PostgreSQL restart ends the process. The pool drops the client and makes a new one on the next use.
 */
function survive(pool: pg.Pool, logger: Logger): void {
  pool.on('error', (error) => logger.warn({ err: error }, 'lost an idle database connection'));
  pool.on('connect', (client) => client.on('error', () => undefined));
}

/** The pool as Kysely uses it, with UNAVAILABLE for a PostgreSQL that is away: doors turn it into 503, which clients repeat. */
function asPort(pool: pg.Pool): PostgresPool {
  const connect = (): Promise<pg.PoolClient> =>
    pool.connect().catch((error: unknown) => {
      throw isDatabaseUnavailable(error) ? unavailable(error) : error;
    });
  return { options: pool.options, connect, end: () => pool.end() } as unknown as PostgresPool;
}

async function check(pool: pg.Pool): Promise<void> {
  try {
    await pool.query('select 1');
  } catch (error) {
    throw unavailable(error);
  }
}

function unavailable(error: unknown): HeadraceError {
  return new HeadraceError('UNAVAILABLE', `PostgreSQL does not answer: ${messageOf(error)}`, { cause: error });
}

const INT8 = pg.types.builtins.INT8;

function typeParser(oid: number, format?: string): (text: string) => unknown {
  return oid === INT8 && format !== 'binary' ? Number : pg.types.getTypeParser(oid, format as 'text');
}
