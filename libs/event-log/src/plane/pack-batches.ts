/** Bytes of one Produce request: far below the broker's default socket.request.max.bytes of 100 MiB. */
const REQUEST_BYTES = 16 * 1024 * 1024;

interface Packed {
  readonly topic: string;
  readonly partition: number;
  readonly bytes: Buffer;
}

/** Requests to one broker, in the batches' order: a partition once in each, as idempotent writes demand, and no more bytes than it takes. */
export function packBatches<B extends Packed>(batches: readonly B[], requestBytes = REQUEST_BYTES): B[][] {
  const requests: B[][] = [];
  let inside = new Set<string>();
  let sum = 0;
  for (const batch of batches) {
    const place = `${batch.topic}/${batch.partition}`;
    if (requests.length === 0 || inside.has(place) || sum + batch.bytes.length > requestBytes) {
      requests.push([]);
      inside = new Set();
      sum = 0;
    }
    requests.at(-1)!.push(batch);
    inside.add(place);
    sum += batch.bytes.length;
  }
  return requests;
}
