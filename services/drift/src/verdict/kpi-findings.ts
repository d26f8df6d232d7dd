import type { Finding } from '@headrace/contracts';
import type { AlarmLevels, DesignEffect } from '@headrace/monitoring';
import type { WatchedKpi } from '../deployments/monitored-deployment.js';
import type { KpiFigure } from '../figures/kpi-figures.js';
import { figureFinding, type ReferenceFigure } from './figure-finding.js';
import type { Stream } from './streams.js';

/** Of all rows: business figures are not watched by segment. */
export function kpiStream({ name }: Pick<WatchedKpi, 'name'>): Stream {
  return { kind: 'KPI', metric: 'mean', subject: name, segment: '' };
}

/** KPIs that have a reference, by the id of their source. @param figures over the judged version's rows, with enough of them */
export function kpiFindings(
  figures: readonly KpiFigure[],
  references: Readonly<Record<string, ReferenceFigure>>,
  designOf: (stream: Stream, own: DesignEffect) => DesignEffect,
  levels: AlarmLevels,
): Finding[] {
  return figures.flatMap(({ kpi, figure }): Finding[] => {
    const reference = references[kpi.source.id];
    if (!reference) return [];
    const { worseWhen, materiality } = kpi;
    const stream = kpiStream(kpi);
    const design = designOf(stream, figure.design);
    const finding = figureFinding(stream, figure, design, reference, { worseWhen, materiality, levels });
    return finding ? [finding] : [];
  });
}
