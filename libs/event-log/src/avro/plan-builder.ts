import { Op } from './plan-ops.js';

/** Writes instructions one after another; neighbours of a kind become one that counts. */
export class PlanBuilder {
  private readonly code: number[] = [];
  /** Where the instruction begins that the next may join; none behind a place that is jumped to. */
  private last = -1;

  get length(): number {
    return this.code.length;
  }

  emit(...instruction: number[]): void {
    this.last = this.code.length;
    this.code.push(...instruction);
  }

  /** One more of what counts itself. */
  count(op: number): void {
    if (this.lastIs(op)) this.code[this.last + 1]!++;
    else this.emit(op, 1);
  }

  skip(bytes: number): void {
    if (this.lastIs(Op.SKIP)) this.code[this.last + 1]! += bytes;
    else this.emit(Op.SKIP, bytes);
  }

  /** One more feature of a run of neighbouring columns. */
  run(op: number, column: number, ...rest: number[]): void {
    const { code, last } = this;
    const joins =
      this.lastIs(op) &&
      code[last + 2]! + code[last + 1]! === column &&
      rest.every((each, at) => code[last + 3 + at] === each);
    if (joins) code[last + 1]!++;
    else this.emit(op, 1, column, ...rest);
  }

  branches(bodies: ReadonlyArray<() => boolean>): boolean {
    this.emit(Op.UNION, bodies.length, 0, ...bodies.map(() => 0));
    const end = this.last + 2;
    for (const [at, body] of bodies.entries()) {
      this.code[end + 1 + at] = this.place();
      if (!body()) return false;
    }
    this.code[end] = this.place();
    return true;
  }

  block(op: number, body: () => boolean): boolean {
    this.emit(op, 0);
    const end = this.last + 1;
    this.place();
    if (!body()) return false;
    this.emit(Op.END);
    this.code[end] = this.place();
    return true;
  }

  finish(): Int32Array {
    this.emit(Op.END);
    return Int32Array.from(this.code);
  }

  private place(): number {
    this.last = -1;
    return this.code.length;
  }

  private lastIs(op: number): boolean {
    return this.last >= 0 && this.code[this.last] === op;
  }
}
