import { NotFoundException } from '@nestjs/common';
import { describe, expect, it } from '@jest/globals';
import { HeadraceError } from './errors.js';
import { toProblem } from './problem.js';

describe('toProblem', () => {
  it('gives an expected error its status, text and context', () => {
    const error = new HeadraceError('INPUT_INVALID', 'bad field', { context: { faults: [{ path: 'a' }] } });
    expect(toProblem(error)).toEqual({
      type: 'about:blank',
      title: 'INPUT_INVALID',
      status: 400,
      detail: 'bad field',
      faults: [{ path: 'a' }],
    });
  });

  it("keeps the framework's and the body parser's own status", () => {
    expect(toProblem(new NotFoundException('no such thing'))).toMatchObject({ status: 404, detail: 'no such thing' });
    const tooLarge = Object.assign(new Error('request entity too large'), { status: 413 });
    expect(toProblem(tooLarge)).toMatchObject({ status: 413 });
  });

  it('tells nothing of an unexpected error', () => {
    const problem = toProblem(new Error('password=secret'));
    expect(problem.status).toBe(500);
    expect(JSON.stringify(problem)).not.toContain('secret');
  });
});
