import type { TrainingFinished } from '@headrace/contracts';
import { eventUuid } from '@headrace/persistence';

const PRODUCER = 'https://headrace.dev/registry';
const SCHEMA = 'https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent';
const FACET = 'https://headrace.dev/schemas/lineage/1-0-0.json#/$defs';

/**
 * A training run as OpenLineage's RunEvent (spec 2-0-2): topics with the offset ranges read as inputs, the model's version as output. The same training
 * gives the same event, ids and time included.
 */
export function toRunEvent(training: TrainingFinished) {
  const { jobId, deployment, model, version, runId, snapshot, status, finishedAt, reason } = training;
  const byTopic = Map.groupBy(snapshot?.ranges ?? [], ({ topic }) => topic);
  const facet = (name: string, content: object) => ({
    _producer: PRODUCER,
    _schemaURL: `${FACET}/${name}`,
    ...content,
  });
  const failed = status !== 'REGISTERED';
  const error = facet('errorMessage', { message: reason ?? 'failed', programmingLanguage: 'typescript' });
  return {
    eventType: failed ? 'FAIL' : 'COMPLETE',
    eventTime: new Date(finishedAt).toISOString(),
    producer: PRODUCER,
    schemaURL: SCHEMA,
    run: {
      runId: eventUuid(`openlineage ${jobId}`),
      facets: {
        headrace_training: facet('training', { jobId, runId: runId ?? null, snapshotSha256: snapshot?.sha256 ?? null }),
        ...(failed ? { errorMessage: error } : {}),
      },
    },
    job: { namespace: 'headrace', name: `training.${deployment}`, facets: {} },
    inputs: [...byTopic].map(([topic, ranges]) => ({
      namespace: 'kafka',
      name: topic,
      facets: {},
      inputFacets: {
        headrace_ranges: facet('ranges', {
          ranges: ranges.map(({ partition, from, to }) => ({ partition, from, to })),
        }),
      },
    })),
    outputs:
      version == null
        ? []
        : [
            {
              namespace: 'headrace',
              name: `models/${model}`,
              facets: { version: facet('version', { datasetVersion: String(version) }) },
            },
          ],
  };
}
