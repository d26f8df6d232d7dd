/** Name that a replay's predictions carry, so that nobody takes them for live ones. */
export function replayDeployment(replayId: string): string {
  return `replay:${replayId}`;
}

/** Whose committed offsets are the replay's progress. */
export function replayGroup(replayId: string): string {
  return `headrace.replay.${replayId}`;
}
