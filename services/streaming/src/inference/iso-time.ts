const DAY_MS = 86_400_000;
const FIRST_MS = Date.parse('0000-01-01T00:00:00.000Z');
const LAST_MS = Date.parse('9999-12-31T23:59:59.999Z');

/** Bytes that a time takes: years before 0 and after 9999 have a sign and six digits. */
export function isoTimeBytes(ms: number): number {
  return ms >= FIRST_MS && ms <= LAST_MS ? 24 : 27;
}

/** Date.prototype.toISOString straight into bytes: events that follow each other are mostly of one day, whose date is kept. */
export class IsoTime {
  private day = Number.NaN;
  private readonly date = new Uint8Array(11);

  /** @returns the position after it */
  write(bytes: Buffer, at: number, ms: number): number {
    if (ms < FIRST_MS || ms > LAST_MS) return at + bytes.write(new Date(ms).toISOString(), at, 'latin1');
    const day = Math.floor(ms / DAY_MS);
    if (day !== this.day) {
      this.date.set(Buffer.from(new Date(day * DAY_MS).toISOString().slice(0, 11)));
      this.day = day;
    }
    for (let i = 0; i < 11; i++) bytes[at + i] = this.date[i]!;
    const inDay = ms - day * DAY_MS;
    const seconds = (inDay / 1000) | 0;
    const minutes = (seconds / 60) | 0;
    const hours = (minutes / 60) | 0;
    const millis = inDay - seconds * 1000;
    const hundreds = (millis / 100) | 0;
    twoDigits(bytes, at + 11, hours);
    bytes[at + 13] = COLON;
    twoDigits(bytes, at + 14, minutes - hours * 60);
    bytes[at + 16] = COLON;
    twoDigits(bytes, at + 17, seconds - minutes * 60);
    bytes[at + 19] = DOT;
    bytes[at + 20] = ZERO + hundreds;
    twoDigits(bytes, at + 21, millis - hundreds * 100);
    bytes[at + 23] = Z;
    return at + 24;
  }
}

const ZERO = 0x30;
const COLON = 0x3a;
const DOT = 0x2e;
const Z = 0x5a;

function twoDigits(bytes: Uint8Array, at: number, value: number): void {
  const tens = (value / 10) | 0;
  bytes[at] = ZERO + tens;
  bytes[at + 1] = ZERO + value - tens * 10;
}
