import { describe, expect, it } from '@jest/globals';
import { sampleFlights } from '../../test/sample-flights.js';
import { landsAt, type Flight } from './flight.js';
import { playFlights, type FlightEvent, type FlightFeatures } from './timeline.js';

const departures = (events: readonly FlightEvent[]): FlightFeatures[] =>
  events.filter((event) => event.kind === 'departure').map(({ value }) => value);

/** The same flights, but this one came in otherwise than it did. */
function withOtherTruth(flights: readonly Flight[], index: number): Flight[] {
  return flights.map((flight, i) =>
    i === index ? { ...flight, delayMinutes: flight.delayMinutes >= 15 ? 0 : 200 } : flight,
  );
}

describe('playFlights', () => {
  const flights = sampleFlights(300);

  it('goes forward in event time, with one departure and one landing a flight', () => {
    const events = playFlights(flights);
    expect(events.every(({ at }, i) => i === 0 || at >= events[i - 1]!.at)).toBe(true);
    expect(events).toHaveLength(600);
    expect(new Set(departures(events).map(({ flightId }) => flightId)).size).toBe(300);
    for (const event of events) {
      const flight = flights.find(({ row }) => event.value.flightId.endsWith(`-${row}`))!;
      expect(event.at).toBe(event.kind === 'departure' ? flight.departedAt : landsAt(flight));
    }
  });

  it('lands after 30 minutes and a minute for each 7.5 miles', () => {
    expect(landsAt({ ...flights[0]!, distanceMiles: 750 }) - flights[0]!.departedAt).toBe(130 * 60_000);
  });

  it('gives the same order whatever the order of the flights', () => {
    const simultaneous = flights.map((flight, i) => ({ ...flight, departedAt: flights[i - (i % 3)]!.departedAt }));
    expect(playFlights(simultaneous.toReversed())).toEqual(playFlights(simultaneous));
  });

  it('lets no label into the features of a flight that departed before it arrived', () => {
    const before = departures(playFlights(flights));
    for (const changed of [0, 41, 150, 299]) {
      const arrival = landsAt(flights[changed]!);
      const after = departures(playFlights(withOtherTruth(flights, changed)));
      const differing = before.filter((features, i) => JSON.stringify(features) !== JSON.stringify(after[i]));
      expect(differing.filter(({ departedAt }) => departedAt < arrival)).toEqual([]);
      // The control: the label does reach later flights, so the comparison above can fail.
      if (changed < 250) expect(differing.length).toBeGreaterThan(0);
    }
  });

  it('raises the rates of the airports that a late flight concerned', () => {
    const [early] = flights;
    const late = { ...early!, delayMinutes: 60 };
    const next = { ...early!, row: 9, departedAt: landsAt(early!) + 60_000 };
    const rateAfter = (first: Flight) => departures(playFlights([first, next]))[1]!;
    const [good, bad] = [rateAfter({ ...early!, delayMinutes: 0 }), rateAfter(late)];
    expect(bad.originLateRate).toBeGreaterThan(good.originLateRate);
    expect(bad.destinationLateRate).toBeGreaterThan(good.destinationLateRate);
    expect(bad.networkLateRate).toBeGreaterThan(good.networkLateRate);
  });

  it('tells hour and weekday by the clock at departure', () => {
    const sunday = { ...flights[0]!, departedAt: Date.UTC(2001, 0, 7, 18, 59) };
    const [features] = departures(playFlights([sunday]));
    expect(features).toMatchObject({ hour: 18, weekday: 7 });
    expect(features!.hourSin).toBeCloseTo(-1);
    expect(features!.hourCos).toBeCloseTo(0);
  });
});
