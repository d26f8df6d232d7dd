import type { ResolvedModel } from '@headrace/contracts';

/** Tries a version where it can do no harm. */
export interface VersionProbe {
  /**
   * Resolves when the version may be loaded here.
   * @param features how many the deployment maps, for models that leave it open
   * @throws HeadraceError MODEL_INVALID, MODEL_CRASHED, MODEL_HANGS, MODEL_TOO_LARGE; UNAVAILABLE when it cannot be tried now
   */
  check(model: ResolvedModel, features: number): Promise<void>;
}
