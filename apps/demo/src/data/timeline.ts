import { flightId, isLate, landsAt, type Flight } from './flight.js';
import { RecentLateRates } from './late-rates.js';

/** A record of flights.features: what is known when the flight departs. */
export interface FlightFeatures {
  readonly flightId: string;
  readonly departedAt: number;
  readonly origin: string;
  readonly destination: string;
  /** Miles. */
  readonly distance: number;
  /** 0 to 23. */
  readonly hour: number;
  /** The hour on the clock's circle, so that 23 and 0 are neighbours. */
  readonly hourSin: number;
  readonly hourCos: number;
  /** 1 (Monday) to 7. */
  readonly weekday: number;
  /** Recent share of late flights that left from the origin, went to the destination, flew anywhere; by labels arrived so far. */
  readonly originLateRate: number;
  readonly destinationLateRate: number;
  readonly networkLateRate: number;
}

/** A record of flights.labels: what is known when the flight has landed. */
export interface FlightLabel {
  readonly flightId: string;
  readonly landedAt: number;
  /** 15 minutes or more after schedule. */
  readonly late: boolean;
  readonly delayMinutes: number;
}

export type FlightEvent =
  | { readonly kind: 'departure'; readonly at: number; readonly value: FlightFeatures }
  | { readonly kind: 'landing'; readonly at: number; readonly value: FlightLabel };

interface Moment {
  readonly kind: FlightEvent['kind'];
  readonly at: number;
  readonly flight: Flight;
}

/**
 * Departures and landings in one order of event time, each departure with the features that the landings before it allow.
 * The order is total (landings first at the same minute, then by row), so that a position in it means the same on each start.
 */
export function playFlights(flights: readonly Flight[]): FlightEvent[] {
  const rates = new RecentLateRates();
  return moments(flights).map(({ kind, at, flight }): FlightEvent => {
    if (kind === 'departure') return { kind, at, value: featuresOf(flight, rates) };
    rates.arrived(flight.origin, flight.destination, isLate(flight), at);
    return { kind, at, value: labelOf(flight, at) };
  });
}

function moments(flights: readonly Flight[]): Moment[] {
  const all = flights.flatMap((flight): Moment[] => [
    { kind: 'departure', at: flight.departedAt, flight },
    { kind: 'landing', at: landsAt(flight), flight },
  ]);
  const rank = ({ kind }: Moment): number => (kind === 'landing' ? 0 : 1);
  return all.sort((a, b) => a.at - b.at || rank(a) - rank(b) || a.flight.row - b.flight.row);
}

function featuresOf(flight: Flight, rates: RecentLateRates): FlightFeatures {
  const departure = new Date(flight.departedAt);
  const hour = departure.getUTCHours();
  const known = rates.at(flight.origin, flight.destination, flight.departedAt);
  return {
    flightId: flightId(flight),
    departedAt: flight.departedAt,
    origin: flight.origin,
    destination: flight.destination,
    distance: flight.distanceMiles,
    hour,
    hourSin: Math.sin((2 * Math.PI * hour) / 24),
    hourCos: Math.cos((2 * Math.PI * hour) / 24),
    weekday: departure.getUTCDay() || 7,
    originLateRate: known.origin,
    destinationLateRate: known.destination,
    networkLateRate: known.network,
  };
}

function labelOf(flight: Flight, landedAt: number): FlightLabel {
  return { flightId: flightId(flight), landedAt, late: isLate(flight), delayMinutes: flight.delayMinutes };
}
