import { FromQuery, type Asked } from '@headrace/mlflow-protocol';
import { Controller, Get, Inject } from '@nestjs/common';
import { z } from 'zod';
import { Comparisons, type Version } from './comparisons.js';

const list = z
  .string()
  .max(10_000)
  .transform((text) => text.split(',').map((each) => each.trim()).filter((each) => each !== '')); // prettier-ignore

/** name@number, or name/number as MLflow writes it. */
const version = z.string().transform((text, context): Version => {
  const [, name, number] = /^(.+)[@/](\d{1,9})$/.exec(text) ?? [];
  if (name !== undefined) return { name, version: Number(number) };
  context.addIssue({ code: 'custom', message: `expected name@number, not '${text}'` });
  return z.NEVER;
});

const several = <T>(each: z.ZodType<T, string>) =>
  list.pipe(z.array(each).min(2, 'expected two or more, separated by commas').max(10)).optional();

const query = z
  .object({
    runs: several(z.string().max(64)),
    versions: several(version),
    metrics: list.optional(),
    level: z.coerce.number().gt(0.5).lt(1).default(0.95),
    threshold: z.coerce.number().min(0).max(1).default(0.5),
    seed: z.coerce.number().int().min(0).max(2 ** 31).default(1), // prettier-ignore
  })
  .refine(({ runs, versions }) => (runs === undefined) !== (versions === undefined), {
    message: 'expected either runs=ID,ID or versions=NAME@NUMBER,NAME@NUMBER',
    path: ['runs'],
  });

/** Which of several runs or versions is better, and whether the data can tell. */
@Controller('api/headrace/v1/compare')
export class CompareController {
  constructor(@Inject(Comparisons) private readonly comparisons: Comparisons) {}

  @Get()
  async compare(@FromQuery(query, 'The comparison') asked: Asked<typeof query>) {
    return this.comparisons.of(asked);
  }
}
