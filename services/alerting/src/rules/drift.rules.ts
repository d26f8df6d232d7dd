import { topics, type DriftReported, type DriftVerdict, type PromotionDecided } from '@headrace/contracts';
import { on, type Rule, type Sighting } from './rule.js';

/** Fires on one verdict; over with a STABLE window, when another version answers, or when the monitor shall only report. A window that could not be judged changes nothing. */
function driftRule(name: string, severity: Rule['severity'], verdict: DriftVerdict): Rule {
  const byReport = (report: DriftReported): Sighting[] => {
    const { deployment, model, reportedAt: at, alerts = true } = report;
    if (alerts && report.verdict !== verdict && report.verdict !== 'STABLE') return [];
    const active = alerts && report.verdict === verdict;
    return [{ labels: { deployment, model }, active, at, summary: summaryOf(report) }];
  };
  const byPromotion = ({ decision, deployments, model, version, decidedAt: at }: PromotionDecided): Sighting[] =>
    decision !== 'PROMOTED'
      ? []
      : deployments.map((deployment) => ({
          labels: { deployment, model },
          active: false,
          at,
          summary: `${deployment} answers with version ${version}`,
        }));
  return { name, severity, sources: [on(topics.driftReports, byReport), on(topics.promotions, byPromotion)] };
}

export const modelDrift = driftRule('ModelDrift', 'CRITICAL', 'DRIFT');
export const driftWarning = driftRule('DriftWarning', 'WARNING', 'WARNING');

function summaryOf({ deployment, versions, verdict, findings, windowStart, windowEnd }: DriftReported): string {
  const moved = findings
    .filter((each) => each.significant && each.material)
    .map(({ metric, subject, value, reference }) => {
      const from = reference === null ? '' : ` ${reference.toFixed(4)} →`;
      return `${metric}${subject && `(${subject})`}${from} ${value?.toFixed(4) ?? '?'}`;
    });
  const window = `${new Date(windowStart).toISOString()}/${new Date(windowEnd).toISOString()}`;
  return `${deployment} (version ${versions.join(', ')}): ${verdict} in ${window}${moved.length > 0 ? `: ${moved.join(', ')}` : ''}`;
}
