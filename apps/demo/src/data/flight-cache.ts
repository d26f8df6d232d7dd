import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Flight } from './flight.js';
import { readFlights, type FlightSource } from './read-flights.js';

/** Rises when the file's layout changes, so that an old file is not read. */
const LAYOUT = 1;
const MINUTE_MS = 60_000;

interface Columns {
  row: number[];
  departedMinute: number[];
  delayMinutes: number[];
  distanceMiles: number[];
  origin: number[];
  destination: number[];
  airports: string[];
}

/** Names the sample in files and in the progress record: same name, same flights in the same order. */
export function sampleName({ oneIn, seed }: FlightSource): string {
  return `flights-1in${oneIn}-seed${seed}-v${LAYOUT}`;
}

/** The sample from the cache folder, or from the source file, and then kept there as columns (about 2 MB for 75,000 flights). */
export async function loadFlights(source: FlightSource, folder: string): Promise<Flight[]> {
  const file = join(folder, `${sampleName(source)}.json`);
  const cached = readCache(file);
  if (cached) return fromColumns(cached);
  const flights = await readFlights(source);
  writeCache(file, toColumns(flights));
  return flights;
}

function readCache(file: string): Columns | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Columns;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** Written beside and renamed: a start killed half-way leaves no half file under the name. */
function writeCache(file: string, columns: Columns): void {
  mkdirSync(dirname(file), { recursive: true });
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, JSON.stringify(columns));
  renameSync(draft, file);
}

function toColumns(flights: readonly Flight[]): Columns {
  const numbers = new Map<string, number>();
  const numberOf = (airport: string): number => {
    if (!numbers.has(airport)) numbers.set(airport, numbers.size);
    return numbers.get(airport)!;
  };
  return {
    row: flights.map(({ row }) => row),
    departedMinute: flights.map(({ departedAt }) => departedAt / MINUTE_MS),
    delayMinutes: flights.map(({ delayMinutes }) => delayMinutes),
    distanceMiles: flights.map(({ distanceMiles }) => distanceMiles),
    origin: flights.map(({ origin }) => numberOf(origin)),
    destination: flights.map(({ destination }) => numberOf(destination)),
    airports: [...numbers.keys()],
  };
}

function fromColumns(columns: Columns): Flight[] {
  return columns.row.map((row, i) => ({
    row,
    departedAt: columns.departedMinute[i]! * MINUTE_MS,
    delayMinutes: columns.delayMinutes[i]!,
    distanceMiles: columns.distanceMiles[i]!,
    origin: columns.airports[columns.origin[i]!]!,
    destination: columns.airports[columns.destination[i]!]!,
  }));
}
