/**
 * Share of late arrivals by airport and over the network, from the labels that have arrived so far; older ones count less.
 * Three hours is the half-life that told most in measurements on these data (of 3 h, 12 h, 2 d, 14 d): lateness comes in waves.
 */
const HALF_LIFE_MS = 3 * 3_600_000;
/** Labels' worth of trust in the prior, so that an airport's first late flight does not make its rate 1. */
const AIRPORT_PRIOR_WEIGHT = 5;
const NETWORK_PRIOR_WEIGHT = 10;
/** What the network is taken for before any label has arrived. */
const NETWORK_PRIOR = 0.2;

interface Counts {
  labels: number;
  late: number;
  at: number;
}

export interface LateRates {
  readonly origin: number;
  readonly destination: number;
  readonly network: number;
}

export class RecentLateRates {
  private readonly origins = new Map<string, Counts>();
  private readonly destinations = new Map<string, Counts>();
  private readonly network: Counts = { labels: 0, late: 0, at: 0 };

  /** A label arrived; times must not go back. */
  arrived(origin: string, destination: string, late: boolean, at: number): void {
    for (const counts of [this.network, countsOf(this.origins, origin), countsOf(this.destinations, destination)]) {
      const kept = decay(counts, at);
      counts.labels = counts.labels * kept + 1;
      counts.late = counts.late * kept + Number(late);
      counts.at = at;
    }
  }

  /** The rates as they are known at `at`. */
  at(origin: string, destination: string, at: number): LateRates {
    const network = rate(this.network, at, NETWORK_PRIOR, NETWORK_PRIOR_WEIGHT);
    return {
      origin: rate(this.origins.get(origin), at, network, AIRPORT_PRIOR_WEIGHT),
      destination: rate(this.destinations.get(destination), at, network, AIRPORT_PRIOR_WEIGHT),
      network,
    };
  }
}

function countsOf(airports: Map<string, Counts>, airport: string): Counts {
  let counts = airports.get(airport);
  if (!counts) airports.set(airport, (counts = { labels: 0, late: 0, at: 0 }));
  return counts;
}

function decay(counts: Counts, at: number): number {
  return 2 ** (-(at - counts.at) / HALF_LIFE_MS);
}

function rate(counts: Counts | undefined, at: number, prior: number, weight: number): number {
  if (!counts) return prior;
  const kept = decay(counts, at);
  return (counts.late * kept + prior * weight) / (counts.labels * kept + weight);
}
