import { z } from 'zod';
import { parseDuration } from './duration.js';

/** A duration in any of parseDuration's forms; comes out in milliseconds. */
export const nonNegative = z.union([z.number(), z.string()]).transform((value, context) => {
  const ms = parseDuration(value);
  if (ms === undefined) {
    context.addIssue({ code: 'custom', message: 'expected a duration: 7d, 12h, 30m, P7D, PT12H, or milliseconds' });
  }
  return ms ?? z.NEVER;
});

/** A duration of at least one millisecond. */
export const positive = nonNegative.refine((ms) => ms > 0, 'expected more than nothing');
