import type { DriftReported, Finding, RetrainModel } from '@headrace/contracts';
import type { Trx } from '../database.js';
import { commandIdOf } from '../operator/keep.js';
import type { MonitoredDeployment } from '../deployments/monitored-deployment.js';
import { commandHistory, isVetoed } from '../facts/read-facts.js';
import { decideRetrain, severityOf } from '../verdict/decide-retrain.js';
import { alarmingFindings } from '../verdict/decide-verdict.js';
import type { Judgement } from './judge-window.js';

const DAY_MS = 86_400_000;
const COMMANDS_PER_DAY = 1;

/** The command that the verdict asks for, or why there is none. Its id is the same however often the window is judged. */
export async function retrainCommand(
  trx: Trx,
  deployment: MonitoredDeployment,
  report: DriftReported,
  judgement: Judgement,
): Promise<RetrainModel | { readonly why: string }> {
  const { name, monitor, championVersion } = deployment;
  const { windowEnd } = report;
  const history = await commandHistory(trx, name, judgement.version, { after: windowEnd - DAY_MS, until: windowEnd });
  const decision = decideRetrain({
    verdict: judgement.verdict,
    action: monitor.action,
    canTrain: deployment.canTrain,
    judgedVersion: judgement.version,
    championVersion,
    windowEnd,
    cooldownMs: monitor.cooldownMs,
    lastCommandAt: history.lastCommandAt,
    commandIsOpen: history.open,
    commandsWithinDay: history.recent,
    commandsPerDay: monitor.commandsPerDay ?? COMMANDS_PER_DAY,
    vetoed: await isVetoed(trx, name, windowEnd),
  });
  if (!decision.ask) return decision;
  const evidence = alarmingFindings(judgement.findings);
  return {
    commandId: commandIdOf(name, judgement.version, history.asked + 1),
    deployment: name,
    model: report.model,
    championVersion: judgement.version,
    reason: reasonOf(evidence, monitor.persistence),
    severity: severityOf(evidence),
    evidence,
    reportIds: [...judgement.before.toReversed(), report.reportId],
    windowEnd,
    requestedBy: 'drift',
    requestedAt: report.reportedAt,
  };
}

function reasonOf(evidence: readonly Finding[], persistence: number): string {
  const changes = evidence.map(({ metric, segment, reference, value }) => {
    const where = segment ? ` of ${segment}` : '';
    return `${metric}${where} ${reference?.toFixed(4) ?? '?'} → ${value?.toFixed(4) ?? '?'}`;
  });
  return `${changes.join(', ')}; persisted for ${persistence} window(s)`;
}
