import { HeadraceError, messageOf, type Logger } from '@headrace/service-kit';
import type { PoolMetrics } from '../pool/pool-metrics.js';
import { runProbe, type ProbeOptions, type ProbeRequest } from './run-probe.js';

/** A refusal is forgotten after this time: on a busy machine a good model may be too slow once. */
const REFUSAL_KEPT_MS = 600_000;
/** So that many versions at a start do not make each other slow. */
const AT_ONCE = 2;

/** One probe a version and service process; all workers share its result. */
export class Prober {
  private readonly results = new Map<string, Promise<void>>();
  private running = 0;
  private readonly waiting: Array<() => void> = [];

  constructor(
    private readonly options: ProbeOptions,
    private readonly metrics: PoolMetrics,
    private readonly logger: Logger,
  ) {}

  /** @throws HeadraceError MODEL_INVALID, MODEL_CRASHED, MODEL_HANGS, MODEL_TOO_LARGE; UNAVAILABLE */
  check(request: ProbeRequest): Promise<void> {
    const { name, version, sha256 } = request.model;
    const key = `${name}@${version} ${sha256}`;
    const known = this.results.get(key);
    if (known) return known;
    const result = this.probe(request);
    this.results.set(key, result);
    result.catch((error: unknown) => this.forgetLater(key, error));
    return result;
  }

  private forgetLater(key: string, error: unknown): void {
    const refused = error instanceof HeadraceError && error.retry === 'never';
    if (refused) setTimeout(() => this.results.delete(key), REFUSAL_KEPT_MS).unref();
    else this.results.delete(key);
  }

  private async probe(request: ProbeRequest): Promise<void> {
    const { name: model, version } = request.model;
    await this.turn();
    try {
      await runProbe(this.options, request);
      this.metrics.probes.inc({ outcome: 'passed' });
      this.logger.info({ model, version }, 'model version passed its probe');
    } catch (error) {
      const code = error instanceof HeadraceError ? error.code : 'INTERNAL';
      this.metrics.probes.inc({ outcome: code });
      this.logger.warn({ model, version, code }, `model version not probed: ${messageOf(error)}`);
      throw error;
    } finally {
      this.running--;
      this.waiting.shift()?.();
    }
  }

  private async turn(): Promise<void> {
    if (this.running >= AT_ONCE) await new Promise<void>((resolve) => this.waiting.push(resolve));
    this.running++;
  }
}
