import { Inject, Injectable } from '@nestjs/common';
import { doesNotExist, invalidParameter } from '@headrace/mlflow-protocol';
import type { Kysely } from 'kysely';
import { attributes } from '../changes/change-event.js';
import { ChangeLog } from '../changes/change-log.js';
import type { TrackingTables } from '../tables.js';
import { newAssessment, type Assessment, type UpdateAssessment } from './assessment-messages.js';
import { loadTrace, lockTrace } from './load-traces.js';
import { traceSubject } from './trace-events.js';

type ById = Readonly<Record<string, Assessment>>;

/** What people, code and judges say of a trace. They lie in the trace's row. Each call is one transaction. */
@Injectable()
export class Assessments {
  constructor(@Inject(ChangeLog) private readonly changes: ChangeLog) {}

  async get(traceId: string, id: string): Promise<Assessment> {
    return named((await loadTrace(this.changes.db, traceId)).assessments, traceId, id);
  }

  /** One that overrides another makes that one invalid. */
  async create(traceId: string, given: Parameters<typeof newAssessment>[1]): Promise<Assessment> {
    const created = newAssessment(traceId, given);
    return this.change(traceId, created, (known) => {
      const overridden =
        created.overrides === undefined ? {} : validity(named(known, traceId, created.overrides), false);
      return { ...known, ...overridden, [created.assessment_id]: created };
    });
  }

  async update(traceId: string, id: string, { assessment, update_mask }: UpdateAssessment): Promise<Assessment> {
    let updated: Assessment | undefined;
    await this.change(traceId, { assessment_id: id }, (known) => {
      const before = named(known, traceId, id);
      const given = Object.fromEntries(update_mask.map((field) => [field, assessment[field]]));
      for (const kind of ['feedback', 'expectation'] as const)
        if (given[kind] != null && before[kind] == null)
          throw invalidParameter(`Cannot update ${kind} value: assessment '${id}' has none`);
      const metadata = update_mask.includes('metadata')
        ? { ...before.metadata, ...assessment.metadata }
        : before.metadata;
      updated = { ...before, ...given, metadata, last_update_time: new Date().toISOString() };
      return { ...known, [id]: updated };
    });
    return updated!;
  }

  /** Idempotent; what it had overridden is valid again. */
  async delete(traceId: string, id: string): Promise<void> {
    await this.change(traceId, { assessment_id: id }, ({ [id]: deleted, ...rest }) => {
      const overridden = rest[deleted?.overrides ?? ''];
      return { ...rest, ...(overridden === undefined ? {} : validity(overridden, true)) };
    });
  }

  private async change<T extends Pick<Assessment, 'assessment_id'>>(
    traceId: string,
    of: T,
    decide: (known: ById) => ById,
  ): Promise<T> {
    return this.changes.transaction(async (trx, tell) => {
      const trace = await lockTrace(trx, traceId);
      await store(trx, traceId, decide(trace.assessments));
      await tell(traceSubject(trace, 'UPDATED'), { attributes: attributes({ assessment_id: of.assessment_id }) });
      return of;
    });
  }
}

async function store(trx: Kysely<TrackingTables>, traceId: string, assessments: ById): Promise<void> {
  await trx
    .updateTable('traces')
    .set({ assessments: JSON.stringify(assessments) })
    .where('trace_id', '=', traceId)
    .execute();
}

const validity = (assessment: Assessment, valid: boolean): ById => ({
  [assessment.assessment_id]: { ...assessment, valid },
});

function named(known: ById, traceId: string, id: string): Assessment {
  const found = Object.hasOwn(known, id) ? known[id] : undefined;
  if (found) return found;
  throw doesNotExist(`Assessment with ID '${id}' not found for trace '${traceId}'`);
}
