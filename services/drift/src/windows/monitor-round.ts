import { topics } from '@headrace/contracts';
import type { Logger } from '@headrace/service-kit';
import { sql } from 'kysely';
import { explanationsSource } from '../attributions/record-explanations.js';
import type { Db } from '../database.js';
import { labelSources, predictionsSource, type MonitoredDeployment } from '../deployments/monitored-deployment.js';
import type { DriftMetrics } from '../drift-metrics.js';
import { EVERY_DEPLOYMENT } from '../ingest/record-labels.js';
import { deploymentWatermark, type PartitionView } from '../watermark/watermark.js';
import type { SourceViews, WatchedSource } from '../watermark/source-views.js';
import type { AmendWindow } from './amend-window.js';
import type { CloseWindow } from './close-window.js';

/** Since when a source is read by this process, wall clock, ms; null while it is not. */
export type ReadingSince = (source: string) => number | null;

/** One look at everything: where sources end, how far each deployment is, which windows are due. */
export class MonitorRound {
  constructor(
    private readonly db: Db,
    private readonly views: SourceViews,
    private readonly closeWindow: CloseWindow,
    private readonly amendWindow: AmendWindow,
    /** How long late labels gather before a window's figures are computed again, ms. */
    private readonly amendAfterMs: number,
    private readonly metrics: DriftMetrics,
    private readonly logger: Logger,
    private readonly now: () => number,
  ) {}

  async run(
    deployments: readonly MonitoredDeployment[],
    readingSince: ReadingSince,
    facts: readonly WatchedSource[],
  ): Promise<void> {
    await this.remember(deployments);
    const sources = new Map(
      deployments.flatMap((each) => sourcesOf(each, readingSince) ?? []).map((s) => [s.source, s]),
    );
    for (const source of [...sources.values(), ...facts]) await this.views.observe(source, this.now());
    // Without the other services' history a window would be compared with the wrong reference.
    if (!facts.every(({ source }) => this.views.hasReadHistory(source))) return;
    const faults: unknown[] = [];
    // One deployment's fault must not stop the others' windows.
    for (const deployment of deployments)
      await this.advance(deployment, readingSince).catch((error: unknown) => faults.push(error));
    if (faults.length > 0) throw new AggregateError(faults, `${faults.length} deployment(s) could not be advanced`);
  }

  private async advance(deployment: MonitoredDeployment, readingSince: ReadingSince): Promise<void> {
    const watched = sourcesOf(deployment, readingSince);
    if (!watched) return;
    const views: PartitionView[][] = [];
    for (const source of watched) {
      const view = await this.views.views(source, source.serves === 'all' ? EVERY_DEPLOYMENT : deployment.name);
      if (source.mayRest && view.every(({ idle }) => idle)) continue;
      views.push(view);
    }
    const computed = deploymentWatermark(views);
    if (computed === null) return;
    const watermark = await this.raise(deployment.name, computed);
    const newest = Math.max(watermark, ...views.flat().flatMap(({ mark }) => mark ?? []));
    this.metrics.watermark.set({ deployment: deployment.name }, watermark / 1000);
    this.metrics.watermarkLag.set({ deployment: deployment.name }, (newest - watermark) / 1000);
    await this.closeDue(deployment, watermark);
    await this.amendDue(deployment);
  }

  private async closeDue(deployment: MonitoredDeployment, watermark: number): Promise<void> {
    for (;;) {
      const closed = await this.closeWindow.run(deployment, watermark);
      if (!closed) return;
      const { report, commandId } = closed;
      this.metrics.reported(report);
      if (deployment.labels) {
        this.metrics.labels.inc({ topic: deployment.labels.topic, outcome: 'joined' }, report.labelled);
      }
      if (commandId) this.metrics.retrainCommands.inc({ deployment: deployment.name });
      const { reportId, verdict, predictions, labelled, metrics } = report;
      this.logger.info({ reportId, verdict, predictions, labelled, metrics, commandId }, 'closed a window');
    }
  }

  private async amendDue(deployment: MonitoredDeployment): Promise<void> {
    for (;;) {
      const amended = await this.amendWindow.run(deployment, this.now() - this.amendAfterMs);
      if (!amended) return;
      this.metrics.amendments.inc({ deployment: deployment.name });
      const { reportId, figuresVersion, completeness, metrics } = amended;
      this.logger.info({ reportId, figuresVersion, completeness, metrics }, 'amended a window');
    }
  }

  private async remember(deployments: readonly MonitoredDeployment[]): Promise<void> {
    for (const deployment of deployments) {
      const sources = labelSources(deployment).map(({ id }) => id);
      await sql`insert into monitors (deployment, label_sources) values (${deployment.name}, ${sources}::text[])
        on conflict (deployment) do update set label_sources = excluded.label_sources
        where monitors.label_sources <> excluded.label_sources`.execute(this.db);
    }
  }

  /** A watermark never goes back, whatever a partition that comes back to life shows. */
  private async raise(deployment: string, watermark: number): Promise<number> {
    const { rows } = await sql<{ watermark: number }>`update monitors set watermark = greatest(watermark, ${watermark})
      where deployment = ${deployment} returning watermark`.execute(this.db);
    return rows[0]!.watermark;
  }
}

interface DeploymentSource extends WatchedSource {
  /** Whose marks the topic's event times are kept under. */
  readonly serves: 'one' | 'all';
  /** Silence of all its partitions holds nothing back: business events may be rare, or end, and a small share of predictions is explained. */
  readonly mayRest: boolean;
}

/** Null while one of them is not read yet: its event time is then unknown. */
function sourcesOf(deployment: MonitoredDeployment, readingSince: ReadingSince): DeploymentSource[] | null {
  const { predictionsTopic: topic } = deployment;
  const { name: explanations } = topics.explanations;
  const named: Array<Omit<DeploymentSource, 'since'>> = [
    ...(deployment.explained === null
      ? []
      : [{ source: explanationsSource(explanations), topic: explanations, serves: 'one', mayRest: true } as const]),
    { source: predictionsSource(topic), topic, serves: 'one', mayRest: false },
    ...labelSources(deployment).map(
      ({ id, topic: from, kind }) => ({ source: id, topic: from, serves: 'all', mayRest: kind === 'kpi' }) as const,
    ),
  ];
  const watched = named.flatMap((each) => {
    const since = readingSince(each.source);
    return since === null ? [] : [{ ...each, since }];
  });
  return watched.length === named.length ? watched : null;
}
