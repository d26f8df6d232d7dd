/** One flight of the source file. */
export interface Flight {
  /** Place in the source file, from 0; the flight's identity. */
  readonly row: number;
  /** Actual departure, ms since the epoch. The file has local wall-clock minutes; they are taken as UTC. */
  readonly departedAt: number;
  /** At arrival, minutes; negative when early. */
  readonly delayMinutes: number;
  readonly distanceMiles: number;
  /** IATA code. */
  readonly origin: string;
  readonly destination: string;
}

const MINUTE_MS = 60_000;
/** Taxiing, climb and approach, whatever the distance. */
const OVERHEAD_MINUTES = 30;
/** 450 mph, a jet's cruising speed. */
const MILES_PER_MINUTE = 7.5;
/** The US Department of Transportation's definition of a late arrival. */
const LATE_FROM_MINUTES = 15;

/** The file holds no arrival time: departure plus this estimate of the flight's duration stands for it. */
export function landsAt(flight: Flight): number {
  return flight.departedAt + Math.round((OVERHEAD_MINUTES + flight.distanceMiles / MILES_PER_MINUTE) * MINUTE_MS);
}

export function isLate(flight: Flight): boolean {
  return flight.delayMinutes >= LATE_FROM_MINUTES;
}

/** Unique and readable: day, route, row. */
export function flightId(flight: Flight): string {
  const day = new Date(flight.departedAt).toISOString().slice(0, 10);
  return `${day}-${flight.origin}-${flight.destination}-${flight.row}`;
}
