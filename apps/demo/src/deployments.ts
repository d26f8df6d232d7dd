/** Follows the alias: each promotion moves it. */
export const CHAMPION = 'flight-delays';
/** Stays on version 1, for comparison. */
export const FROZEN = 'flight-delays-frozen';
export const MODEL = 'flight-delays';
