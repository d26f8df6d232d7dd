import type { ReplayFinished } from '@headrace/contracts';
import { Outbox, type Database, type OutboxEvent } from '@headrace/persistence';
import { HeadraceError } from '@headrace/service-kit';
import { CamelCasePlugin, sql, type Kysely, type Transaction } from 'kysely';
import type { JobTables } from './job-tables.js';
import type { Job, JobResults, JobState, JobStep, NewJob, Replay, RequestedReplay } from './job.js';

/** What one step did; written in one transaction. */
export interface Advance {
  readonly step: JobStep;
  /** Default RUNNING: the same worker goes on. */
  readonly state?: Exclude<JobState, 'QUEUED'>;
  readonly results?: Partial<JobResults>;
  readonly failure?: string;
  readonly replays?: readonly RequestedReplay[];
  /** How long WAITING may last, ms. */
  readonly waitMs?: number;
  /** Published if, and only if, the step is written. */
  readonly events?: ReadonlyArray<OutboxEvent<any>>;
}

/** A command without a spec to train by. */
export type RefusedJob = Omit<NewJob, 'spec'>;

const jsonResults = new Set(['snapshot', 'holdout', 'leftOut', 'parameters', 'metrics', 'verdict']);

/**
 * Jobs in PostgreSQL. A claim gives a lease and a fencing token; every write of a claimed job names its token, so that a worker whose lease has
 * passed on can change nothing. All times are PostgreSQL's.
 */
export class JobStore {
  private readonly db: Kysely<JobTables>;
  private readonly outbox = new Outbox();

  constructor(database: Database<JobTables>) {
    this.db = database.db.withPlugin(new CamelCasePlugin({ maintainNestedObjectKeys: true }));
  }

  /** @returns false when the job is known already: commands come at least once. */
  async insert(job: NewJob): Promise<boolean> {
    return insertJob(this.db, job, 'QUEUED');
  }

  /** Records a command that cannot become a job, and says so to others, once. */
  async refuse(job: RefusedJob, failure: string, event: OutboxEvent<any>): Promise<boolean> {
    return this.db.transaction().execute(async (trx) => {
      if (!(await insertJob(trx, { ...job, spec: {} }, 'FAILED'))) return false;
      await trx
        .updateTable('jobs')
        .set({ failure, finishedAt: sql`now()` })
        .where('id', '=', job.id)
        .execute();
      await this.outbox.enqueue(trx, [event]);
      return true;
    });
  }

  /** The oldest job that is due: queued, left by a worker whose lease ran out, or waiting for too long. */
  async claim(owner: string, leaseMs: number): Promise<Job | undefined> {
    const due = this.db
      .selectFrom('jobs')
      .select('id')
      .where(
        sql<boolean>`(state = 'QUEUED' and not_before <= now()) or (state = 'RUNNING' and lease_until < now())
          or (state = 'WAITING' and waiting_until < now())`,
      )
      .orderBy('createdAt')
      .limit(1)
      .forUpdate()
      .skipLocked();
    return this.db
      .updateTable('jobs')
      .set({
        state: 'RUNNING',
        owner,
        token: sql`token + 1`,
        attempts: sql`attempts + 1`,
        leaseUntil: after(leaseMs),
        updatedAt: sql`now()`,
      })
      .where('id', '=', due)
      .returningAll()
      .executeTakeFirst();
  }

  /** @returns false when the lease has passed on. */
  async renew(job: Job, leaseMs: number): Promise<boolean> {
    const { numUpdatedRows } = await held(this.db, job)
      .set({ leaseUntil: after(leaseMs) })
      .executeTakeFirst();
    return numUpdatedRows === 1n;
  }

  /** @throws HeadraceError FENCED when the lease has passed on: nothing of the step is written then */
  async advance(job: Job, advance: Advance): Promise<Job> {
    return this.db.transaction().execute(async (trx) => {
      const moved = await held(trx, job).set(columnsOf(advance)).returningAll().executeTakeFirst();
      if (!moved) throw fenced(job);
      for (const { replayId, version } of advance.replays ?? []) {
        await trx.insertInto('replays').values({ replayId, jobId: job.id, version }).execute();
      }
      await this.outbox.enqueue(trx, advance.events ?? []);
      return moved;
    });
  }

  /** Gives the job back, for any worker to claim after the delay. */
  async release(job: Job, delayMs: number, countAttempt: boolean): Promise<void> {
    await held(this.db, job)
      .set({
        state: 'QUEUED',
        owner: null,
        leaseUntil: null,
        notBefore: after(delayMs),
        ...(countAttempt ? {} : { attempts: sql`greatest(attempts - 1, 0)` }),
      })
      .execute();
  }

  /** Keeps a replay's result; the job goes on when it was the last one. Results of others' or known replays change nothing. */
  async finishReplay(result: ReplayFinished): Promise<boolean> {
    return this.db.transaction().execute(async (trx) => {
      const asked = await trx
        .selectFrom('replays')
        .select('jobId')
        .where('replayId', '=', result.replayId)
        .executeTakeFirst();
      if (!asked) return false;
      // Two results of one job at a time: the second must see the first.
      await trx.selectFrom('jobs').select('id').where('id', '=', asked.jobId).forUpdate().execute();
      const write = trx.updateTable('replays').set({ result: JSON.stringify(result) });
      await write.where('replayId', '=', result.replayId).where('result', 'is', null).execute();
      return resumeWhenReplayed(trx, asked.jobId);
    });
  }

  async replaysOf(jobId: string): Promise<Replay[]> {
    return this.db.selectFrom('replays').select(['replayId', 'version', 'result']).where('jobId', '=', jobId).execute();
  }

  async get(id: string): Promise<Job | undefined> {
    return this.db.selectFrom('jobs').selectAll().where('id', '=', id).executeTakeFirst();
  }

  /** Newest first. */
  async list(filter: { deployment?: string | undefined; state?: JobState | undefined; limit: number }): Promise<Job[]> {
    let query = this.db.selectFrom('jobs').selectAll().orderBy('createdAt', 'desc').limit(filter.limit);
    if (filter.deployment !== undefined) query = query.where('deployment', '=', filter.deployment);
    if (filter.state !== undefined) query = query.where('state', '=', filter.state);
    return query.execute();
  }

  async countByState(): Promise<Map<JobState, number>> {
    const count = this.db.fn.countAll<number>().as('count');
    const rows = await this.db.selectFrom('jobs').select(['state', count]).groupBy('state').execute();
    return new Map(rows.map(({ state, count }) => [state, Number(count)]));
  }
}

async function insertJob(
  db: Kysely<JobTables>,
  { spec, ...job }: RefusedJob & { spec: object },
  state: JobState,
): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await db
    .insertInto('jobs')
    .values({ ...job, spec: JSON.stringify(spec), state, step: 'REQUESTED' })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .executeTakeFirst();
  return numInsertedOrUpdatedRows === 1n;
}

async function resumeWhenReplayed(trx: Transaction<JobTables>, jobId: string): Promise<boolean> {
  const open = trx.selectFrom('replays').select('replayId').where('jobId', '=', jobId).where('result', 'is', null);
  const { numUpdatedRows } = await trx
    .updateTable('jobs')
    .set({
      state: 'QUEUED',
      step: 'REPLAY_FINISHED',
      waitingUntil: null,
      attempts: 0,
      notBefore: sql`now()`,
      updatedAt: sql`now()`,
    })
    .where('id', '=', jobId)
    .where('state', '=', 'WAITING')
    .where(({ not, exists }) => not(exists(open)))
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

/** The row, if it is still this worker's. */
function held(db: Kysely<JobTables>, job: Job) {
  return db.updateTable('jobs').where('id', '=', job.id).where('token', '=', job.token).where('state', '=', 'RUNNING');
}

function columnsOf({ step, state = 'RUNNING', results = {}, failure, waitMs }: Advance) {
  const over = state !== 'RUNNING';
  const values = Object.entries(results).map(([name, value]) => [
    name,
    jsonResults.has(name) ? JSON.stringify(value) : value,
  ]);
  return {
    ...(Object.fromEntries(values) as object),
    step,
    state,
    attempts: 0,
    updatedAt: sql<Date>`now()`,
    ...(over ? { owner: null, leaseUntil: null } : {}),
    ...(state === 'WAITING' ? { waitingUntil: after(waitMs ?? 0) } : { waitingUntil: null }),
    ...(state === 'DONE' || state === 'FAILED' ? { finishedAt: sql<Date>`now()` } : {}),
    ...(failure === undefined ? {} : { failure }),
  };
}

function after(ms: number) {
  return sql<Date>`now() + ${ms} * interval '1 millisecond'`;
}

function fenced(job: Job): HeadraceError {
  return new HeadraceError('FENCED', `Job ${job.id} is no longer held under token ${job.token}: another worker has it`);
}
