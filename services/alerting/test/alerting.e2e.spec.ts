import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { topics, type AlertChanged, type DriftReported, type DriftVerdict } from '@headrace/contracts';
import { freePort, testCluster, uniqueName, waitFor, type Service } from '@headrace/dev';
import { KafkaEventLog } from '@headrace/event-log';
import { kafkaConfig, loadConfig, Metrics, silentLogger } from '@headrace/service-kit';
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import { WebhookReceiver } from './webhook-receiver.js';

const ROUNDS = 3;

describe('alerting', () => {
  const name = uniqueName('alerting');
  const model = `${name}-model`;
  const receiver = new WebhookReceiver();
  let log: KafkaEventLog;
  let database: { url: string; drop(): Promise<void> };
  let webhook: string;
  let servicePort: number;
  let service: Service;

  beforeAll(async () => {
    const env = { KAFKA_BROKERS: testCluster.brokers, SCHEMA_REGISTRY_URL: testCluster.schemaRegistryUrl };
    const failed = (error: Error) => {
      throw error;
    };
    const parts = { source: 'alerting-test', logger: silentLogger(), metrics: new Metrics(), onFatal: failed };
    log = new KafkaEventLog({ ...parts, config: loadConfig(kafkaConfig, env) });
    await log.provision(Object.values(topics));
    database = await testCluster.createDatabase('alerting');
    webhook = await receiver.start();
    servicePort = await freePort();
    service = await start();
  }, 120_000);

  afterAll(async () => {
    await service?.stop();
    receiver.stop();
    await log.close();
    await database.drop();
  }, 60_000);

  function start(env: NodeJS.ProcessEnv = {}): Promise<Service> {
    return testCluster.startService('alerting', {
      DATABASE_URL: database.url,
      ALERT_WEBHOOK_URL: webhook,
      ALERT_GROUP: name,
      ALERT_POLL_INTERVAL_MS: '100',
      ALERT_SERVICE_DOWN_FOR_MS: '400',
      ALERT_DEAD_LETTER_QUIET_MS: '3000',
      SERVICES: `${name}=http://127.0.0.1:${servicePort}`,
      KAFKA_SESSION_TIMEOUT_MS: '6000',
      ...env,
    });
  }

  async function publishReport(
    deployment: string,
    verdict: DriftVerdict,
    { id, alerts = true }: { id?: string; alerts?: boolean } = {},
  ): Promise<void> {
    const reportedAt = Date.now();
    const value: DriftReported = {
      reportId: `${deployment}:${reportedAt}`,
      deployment,
      model,
      versions: [1],
      windowStart: 0,
      windowEnd: 1,
      predictions: 10,
      labelled: 10,
      verdict,
      findings: [],
      metrics: {},
      predictionRanges: [],
      reportedAt,
      alerts,
    };
    await log.publish([{ topic: topics.driftReports, key: deployment, value, id }]);
  }

  const told = (alertname: string, labels: Record<string, string>, states: string[]) =>
    waitFor(() => JSON.stringify(receiver.told(alertname, labels)) === JSON.stringify(states), {
      what: `${alertname} to be told as ${states.join(', ')}; told: ${receiver.told(alertname, labels).join(', ')}`,
      timeoutMs: 45_000,
    });

  it('tells firing and resolved once each, though the receiver refuses and the service is killed', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const deployment = `${name}-${round}`;
      receiver.refusing = true;
      const before = receiver.attempts;
      await publishReport(deployment, 'DRIFT');
      await waitFor(() => receiver.attempts > before, { what: 'an attempt that is refused' });
      await service.kill();
      receiver.refusing = false;
      service = await start();
      await told('ModelDrift', { deployment }, ['firing']);
      await publishReport(deployment, 'STABLE');
      await service.kill();
      service = await start();
      await told('ModelDrift', { deployment }, ['firing', 'resolved']);
    }
  }, 240_000);

  it('has each change on its topic, the last state under the fingerprint', async () => {
    const mine = await waitFor(
      async () => {
        const states = await statesOnTopic(`${name}-0`);
        return states.at(-1) === 'RESOLVED' ? states : null;
      },
      { what: 'the alert on its topic' },
    );
    expect([...new Set(mine)]).toEqual(['FIRING', 'RESOLVED']);
  });

  async function statesOnTopic(deployment: string): Promise<string[]> {
    const found: AlertChanged[] = [];
    for await (const batch of log.read(topics.alerts, await log.offsets(topics.alerts)))
      for (const { value } of batch.records) if (value?.labels['deployment'] === deployment) found.push(value);
    return found.map(({ state }) => state);
  }

  it('fires nothing again when its groups read everything from the beginning', async () => {
    await service.stop();
    const before = receiver.accepted.length;
    service = await start({ ALERT_GROUP: `${name}-again` });
    const fresh = `${name}-fresh`;
    // Behind all that is replayed, in the same partition.
    await publishReport(fresh, 'DRIFT');
    await told('ModelDrift', { deployment: fresh }, ['firing']);
    const since = receiver.accepted.slice(before).map(({ alert }) => alert.labels['deployment']);
    expect(since.filter((deployment) => deployment?.startsWith(name))).toEqual([fresh]);
  }, 60_000);

  it('fires nothing again for an event that is published a second time, later than all else', async () => {
    const [deployment, other] = [`${name}-repeat`, `${name}-behind`];
    await publishReport(deployment, 'DRIFT', { id: `${name}-event` });
    await publishReport(deployment, 'STABLE');
    await told('ModelDrift', { deployment }, ['firing', 'resolved']);
    await publishReport(deployment, 'DRIFT', { id: `${name}-event` });
    await publishReport(other, 'DRIFT');
    await told('ModelDrift', { deployment: other }, ['firing']);
    expect(receiver.told('ModelDrift', { deployment })).toEqual(['firing', 'resolved']);
  }, 60_000);

  it('fires nothing for a monitor that only reports, and ends what it had firing', async () => {
    const [quiet, changed, behind] = [`${name}-quiet`, `${name}-changed`, `${name}-loud`];
    await publishReport(quiet, 'DRIFT', { alerts: false });
    await publishReport(changed, 'DRIFT');
    await publishReport(changed, 'DRIFT', { alerts: false });
    await publishReport(behind, 'WARNING');
    await told('DriftWarning', { deployment: behind }, ['firing']);
    await told('ModelDrift', { deployment: changed }, ['firing', 'resolved']);
    expect(receiver.told('ModelDrift', { deployment: quiet })).toEqual([]);
  }, 60_000);

  it('resolves a drift alert when another version is promoted', async () => {
    const value = {
      promotionId: `${name}-promotion`,
      model,
      version: 2,
      alias: 'champion',
      decision: 'PROMOTED' as const,
      reason: 'better',
      requestedBy: 'gate',
      deployments: [`${name}-fresh`],
      decidedAt: Date.now(),
    };
    await log.publish([{ topic: topics.promotions, key: model, value }]);
    await told('ModelDrift', { deployment: `${name}-fresh` }, ['firing', 'resolved']);
  }, 60_000);

  it('tells dead letters once for their topic, and that they have stopped', async () => {
    const topic = `${name}.features`;
    const letter = (offset: number) => ({
      topic: topics.deadLetters,
      key: 'k',
      value: Buffer.from('not json'),
      headers: { dlq_place: `${topic}/0@${offset}`, dlq_code: 'UNDECODABLE', dlq_message: 'no JSON', dlq_group: 'g' },
    });
    await log.publish([letter(1), letter(2), letter(3)]);
    await told('DeadLetters', { topic }, ['firing']);
    expect(await alerts('firing')).toContainEqual(
      expect.objectContaining({ rule: 'DeadLetters', labels: { topic }, occurrences: 3 }),
    );
    await told('DeadLetters', { topic }, ['firing', 'resolved']);
  }, 60_000);

  it('tells a service that is down for a while, and that it is back', async () => {
    await told('ServiceDown', { service: name }, ['firing']);
    const server: Server = createServer((_, response) => response.end('ok')).listen(servicePort, '127.0.0.1');
    await once(server, 'listening');
    await told('ServiceDown', { service: name }, ['firing', 'resolved']);
    server.close();
    server.closeAllConnections();
  }, 60_000);

  it('answers which alerts stand, by state, and refuses a state that there is not', async () => {
    const resolved = await alerts('resolved');
    expect(resolved).toContainEqual(expect.objectContaining({ labels: { deployment: `${name}-0`, model } }));
    expect(resolved.every(({ state }) => state === 'RESOLVED')).toBe(true);
    const response = await fetch(`${service.url}/api/headrace/v1/alerts?state=loud`);
    expect(response.status).toBe(400);
    expect(response.headers.get('content-type')).toContain('application/problem+json');
  });

  async function alerts(state: string): Promise<Array<{ state: string; labels: Record<string, string> }>> {
    const response = await fetch(`${service.url}/api/headrace/v1/alerts?state=${state}`);
    return ((await response.json()) as { alerts: Array<{ state: string; labels: Record<string, string> }> }).alerts;
  }
});
