import type { Schema } from 'avsc';

/** A user's topics, as a user makes them: the platform only hears of them by the deployments that name them. */
export interface FlightTopics {
  readonly features: string;
  readonly labels: string;
  /** How far the flights have been played; compacted, the last record counts. */
  readonly progress: string;
}

export function flightTopics(prefix: string): FlightTopics {
  return { features: `${prefix}.features`, labels: `${prefix}.labels`, progress: `${prefix}.progress` };
}

/** What the deployments of this demo name. */
export const FLIGHTS = flightTopics('flights');

const timestamp = { type: 'long', logicalType: 'timestamp-millis' };

export const featuresSchema = {
  type: 'record',
  name: 'FlightDeparted',
  namespace: 'dev.headrace.demo',
  fields: [
    { name: 'flightId', type: 'string' },
    { name: 'departedAt', type: timestamp },
    { name: 'origin', type: 'string' },
    { name: 'destination', type: 'string' },
    { name: 'distance', type: 'double', doc: 'Miles' },
    { name: 'hour', type: 'int' },
    { name: 'hourSin', type: 'double' },
    { name: 'hourCos', type: 'double' },
    { name: 'weekday', type: 'int', doc: '1 (Monday) to 7' },
    {
      name: 'originLateRate',
      type: 'double',
      doc: 'Recent share of late arrivals, by labels arrived before departure',
    },
    { name: 'destinationLateRate', type: 'double' },
    { name: 'networkLateRate', type: 'double' },
  ],
} as unknown as Schema;

export const labelsSchema = {
  type: 'record',
  name: 'FlightLanded',
  namespace: 'dev.headrace.demo',
  fields: [
    { name: 'flightId', type: 'string' },
    { name: 'landedAt', type: timestamp },
    { name: 'late', type: 'boolean', doc: '15 minutes or more after schedule' },
    { name: 'delayMinutes', type: 'int' },
  ],
} as unknown as Schema;
