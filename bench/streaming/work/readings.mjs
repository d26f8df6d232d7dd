// The input: readings of entities, 30 features each. Record `i` is a function of `i` alone, so that a verifier knows what a worker was given.
import avro from 'avsc';

export const FEATURES = 30;
export const ENTITIES = 2000;
/** Event time of record 0, ms since the epoch; record i happened i ms later. */
export const FIRST_EVENT_TIME = 1_700_000_000_000;

export const featureNames = Array.from({ length: FEATURES }, (_, n) => `f${n}`);

export const readingSchema = JSON.stringify({
  type: 'record',
  name: 'Reading',
  namespace: 'dev.headrace.bench',
  fields: [
    { name: 'id', type: 'string' },
    { name: 'ts', type: { type: 'long', logicalType: 'timestamp-millis' } },
    ...featureNames.map((name) => ({ name, type: 'double' })),
  ],
});

const type = avro.Type.forSchema(JSON.parse(readingSchema));

export const recordId = (i) => `r${String(i).padStart(15, '0')}`;
/** @returns {number} the i of a record id, NaN when it is not one of ours */
export const indexOfId = (id) => (/^r\d{15}$/.test(id) ? Number(id.slice(1)) : NaN);
export const eventTime = (i) => FIRST_EVENT_TIME + i;
/** Multiplicative hashing: neighbours in time are different entities. */
export const entityOf = (i) => `entity-${String((Math.imul(i + 1, 0x9e3779b1) >>> 0) % ENTITIES).padStart(4, '0')}`;

/**
 * Feature row of record i: 30 doubles, about N(0, 1) (sum of four uniforms).
 * @param {number} i
 * @param {Float64Array | number[]} into
 */
export function featuresOf(i, into, at = 0) {
  let state = Math.imul(i + 1, 0x85ebca6b) | 0;
  for (let n = 0; n < FEATURES; n++) {
    let sum = 0;
    for (let part = 0; part < 4; part++) {
      // mulberry32
      state = (state + 0x6d2b79f5) | 0;
      let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
      mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
      sum += ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
    }
    into[at + n] = (sum - 2) * Math.sqrt(3);
  }
  return into;
}

/** Avro in Confluent framing: magic byte 0, schema id big endian, body. */
export function readingBytes(i, schemaId, ts = eventTime(i)) {
  const features = featuresOf(i, []);
  const body = type.toBuffer(
    Object.fromEntries([['id', recordId(i)], ['ts', ts], ...featureNames.map((name, n) => [name, features[n]])]),
  );
  const framed = Buffer.allocUnsafe(5 + body.length);
  framed.writeUInt8(0, 0);
  framed.writeUInt32BE(schemaId, 1);
  body.copy(framed, 5);
  return framed;
}
