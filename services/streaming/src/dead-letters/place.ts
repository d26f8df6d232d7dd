export interface Place {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

/** topic/partition@offset, with a name that Kafka allows; undefined for anything else. */
export function parsePlace(text: string): Place | undefined {
  const found = /^([A-Za-z0-9._-]{1,249})\/(\d{1,9})@(\d{1,15})$/.exec(text);
  return found ? { topic: found[1]!, partition: Number(found[2]), offset: Number(found[3]) } : undefined;
}
