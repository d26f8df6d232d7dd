import type { ChangeDetector, Signal } from './change-detector.js';

export interface EDetectorOptions {
  /** Mean loss that is tolerated, in (0, 1): while no value's expectation, given all before it, exceeds it, nothing has changed. */
  tolerated: number;
  /** c: the mean number of values until a false alarm is at least this, > 1. See `averageRunLengthFor`. */
  averageRunLength: number;
  /** Which side of the tolerated mean alarms. Default up; down watches 1 − x. */
  direction?: 'up' | 'down';
  /** Shiryaev–Roberts sums the evidence over all possible times of the change, CUSUM takes the best one. Default shiryaev-roberts. */
  kind?: 'shiryaev-roberts' | 'cusum';
  /** Smallest rise of the mean that should be found soon, in (0, 1 − tolerated). Default a tenth of the room above the tolerated mean. */
  smallestRise?: number;
  /** Rises that are bet on at once, spread geometrically. Default 8. */
  bets?: number;
}

/**
 * The run length with which the chance of any alarm, over this many looks at this many streams, is at most α: H·m / α. Streams may depend on each other.
 * @param alpha in (0, 1)
 */
export function averageRunLengthFor(budget: { looks: number; streams: number; alpha: number }): number {
  return (budget.looks * budget.streams) / budget.alpha;
}

/** Evidence of each bet. */
interface EDetectorState {
  evidence: number[];
}

/**
 * E-detector over losses in [0, 1] (Shin, Ramdas & Rinaldo 2024). Each value multiplies the evidence by 1 + λ·(x − tolerated), which has expectation at most 1
 * without a change, whatever the distribution and the dependence; the mean over several λ keeps that. So the mean run length until the evidence reaches c is at least c,
 * and the chance of an alarm within n values at most n / c. State: one number a bet.
 */
export class EDetector implements ChangeDetector {
  private readonly lambdas: Float64Array;
  private readonly tolerated: number;

  /** @throws RangeError for a tolerated mean, run length or rise out of range */
  constructor(
    private readonly options: EDetectorOptions,
    private state: EDetectorState = { evidence: [] },
  ) {
    const { direction = 'up', tolerated, averageRunLength } = options;
    if (!(tolerated > 0 && tolerated < 1)) throw new RangeError(`tolerated mean ${tolerated} is not within (0, 1)`);
    if (!(averageRunLength > 1)) throw new RangeError(`average run length ${averageRunLength} is not above 1`);
    this.tolerated = direction === 'up' ? tolerated : 1 - tolerated;
    this.lambdas = bets(this.tolerated, options);
    if (state.evidence.length === 0) this.reset();
  }

  /** The evidence for a change so far; an alarm is due when it reaches c. */
  get evidence(): number {
    return this.state.evidence.reduce((sum, evidence) => sum + evidence, 0) / this.lambdas.length;
  }

  /**
   * @param value loss in [0, 1]
   * @throws RangeError for any other value: the bound rests on the range
   */
  update(value: number): Signal {
    if (!(value >= 0 && value <= 1)) throw new RangeError(`loss ${value} is not within [0, 1]`);
    const loss = this.options.direction === 'down' ? 1 - value : value;
    const { evidence } = this.state;
    const cusum = this.options.kind === 'cusum';
    for (let bet = 0; bet < evidence.length; bet++) {
      const before = cusum ? (evidence[bet]! > 1 ? evidence[bet]! : 1) : evidence[bet]! + 1;
      evidence[bet] = before * (1 + this.lambdas[bet]! * (loss - this.tolerated));
    }
    if (this.evidence < this.options.averageRunLength) return 'none';
    this.reset();
    return 'drift';
  }

  snapshot(): EDetectorState {
    return { evidence: [...this.state.evidence] };
  }

  private reset(): void {
    this.state = { evidence: Array.from(this.lambdas, () => 0) };
  }
}

/** For each rise, the λ that is a likelihood ratio for losses 0 / 1; below 1 / tolerated, so that no value ends all evidence below 0. */
function bets(tolerated: number, { smallestRise, bets: count = 8 }: EDetectorOptions): Float64Array {
  const room = 1 - tolerated;
  const least = smallestRise ?? room / 10;
  if (!(least > 0 && least < room)) throw new RangeError(`smallest rise ${least} is not within (0, ${room})`);
  return Float64Array.from({ length: count }, (_, bet) => {
    const rise = least * (room / least) ** (bet / count);
    return rise / (tolerated * room);
  });
}
