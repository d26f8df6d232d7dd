/** Why the platform stops: somebody asked. */
export class Stop extends Error {
  constructor(
    signal: NodeJS.Signals,
    readonly exitCode: number,
  ) {
    super(`stopped by ${signal}`);
  }
}

/**
 * A signal that aborts with Stop at the first SIGINT, SIGTERM or SIGHUP. Ctrl-C is how one ends `npm start`, so it is a success; a second one ends this process
 * at once, and the reaper its children.
 */
export function stopOnSignals(say: (line: string) => void): AbortSignal {
  const controller = new AbortController();
  const stop = (signal: NodeJS.Signals) => {
    if (controller.signal.aborted) {
      if (signal === 'SIGINT') process.exit(130);
      return;
    }
    say(`${signal}: stopping`);
    controller.abort(new Stop(signal, signal === 'SIGHUP' ? 129 : 0));
  };
  process.on('SIGINT', stop).on('SIGTERM', stop).on('SIGHUP', stop);
  return controller.signal;
}
