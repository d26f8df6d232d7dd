import type { Finding, MonitorSpec } from '@headrace/contracts';
import type { AlarmLevels } from '@headrace/monitoring';
import { joinedPanes, paneRatios, type AttributionPane } from '../attributions/attribution-panes.js';
import { MOST_PANES } from '../inputs/window-inputs.js';
import { findingOf } from './streams.js';

const ATTRIBUTION = 0.1;

/** What share of all attribution each feature has, of the judged version's explained rows: a model that begins to lean on others shows it here before labels can. */
export function attributionFindings(
  current: readonly AttributionPane[],
  reference: readonly AttributionPane[],
  features: readonly string[],
  { levels, materiality }: { levels: AlarmLevels; materiality: MonitorSpec['materiality'] },
): Finding[] {
  const [now, before] = [joinedPanes(current, MOST_PANES), joinedPanes(reference, MOST_PANES)];
  return features.flatMap((subject, feature): Finding[] => {
    const finding = findingOf(
      { kind: 'ATTRIBUTION', metric: 'attribution_share', subject, segment: '' },
      {
        test: 'ratio',
        reference: paneRatios(before, feature),
        current: paneRatios(now, feature),
        materiality: materiality.attribution ?? ATTRIBUTION,
        levels,
      },
    );
    return finding ? [finding] : [];
  });
}
