import type { Flight } from '../src/data/flight.js';

const DAY = Date.UTC(2001, 0, 1);
const MINUTE = 60_000;

/** Flights between few airports, ten minutes apart, every fourth one late. */
export function sampleFlights(count: number): Flight[] {
  const airports = ['ATL', 'ORD', 'LAX'];
  return Array.from({ length: count }, (_, i) => ({
    row: i * 7,
    departedAt: DAY + i * 10 * MINUTE,
    delayMinutes: i % 4 === 0 ? 30 : -5,
    distanceMiles: 300 + (i % 5) * 450,
    origin: airports[i % 3]!,
    destination: airports[(i + 1) % 3]!,
  }));
}
