export interface GroupMember {
  readonly id: string;
  /** What it works on now. */
  readonly owned: readonly number[];
}

/**
 * Shares partitions evenly (counts differ by one at most) and moves as few as that allows: what stays with a member goes on
 * without a pause. Pure; the same for the same input, whatever the order of members.
 */
export function assignPartitions(members: readonly GroupMember[], partitions: number): Map<string, number[]> {
  const sorted = [...members].sort((a, b) => (a.id < b.id ? -1 : 1));
  const least = Math.floor(partitions / sorted.length);
  let larger = partitions % sorted.length;
  const taken = new Set<number>();
  const kept = new Map<string, number[]>();
  for (const { id, owned } of sorted) {
    // Two members may claim one partition after a member was thought dead: the first has it.
    kept.set(
      id,
      [...new Set(owned)].filter((each) => each < partitions && !taken.has(each)).sort((a, b) => a - b),
    );
    for (const each of kept.get(id)!) taken.add(each);
  }
  // Those that own most keep the one more that some may have.
  const quotas = new Map<string, number>();
  for (const { id } of [...sorted].sort((a, b) => kept.get(b.id)!.length - kept.get(a.id)!.length))
    quotas.set(id, least + (larger-- > 0 ? 1 : 0));
  const free: number[] = Array.from({ length: partitions }, (_, each) => each).filter((each) => !taken.has(each));
  for (const { id } of sorted) free.push(...kept.get(id)!.splice(quotas.get(id)!));
  free.sort((a, b) => a - b);
  for (const { id } of sorted) {
    const own = kept.get(id)!;
    own.push(...free.splice(0, quotas.get(id)! - own.length));
    own.sort((a, b) => a - b);
  }
  return kept;
}
