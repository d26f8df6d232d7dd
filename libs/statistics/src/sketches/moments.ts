/** Count, mean and spread of values seen so far; merging two gives those of all their values, to 1e-12 relative in any order. */
export class Moments {
  count = 0;
  mean = 0;
  /** Σ (x − mean)². */
  squares = 0;

  /** Sample variance (n − 1); null below two values. */
  get variance(): number | null {
    return this.count < 2 ? null : this.squares / (this.count - 1);
  }

  /** One value (Welford 1962). */
  add(value: number): void {
    this.addGroup(1, value, 0);
  }

  /** All values of another group (Chan, Golub & LeVeque 1979). The other one stays as it is. */
  merge(other: Moments): void {
    this.addGroup(other.count, other.mean, other.squares);
  }

  /** A group known by its count, mean and sum of squared deviations. */
  addGroup(count: number, mean: number, squares: number): void {
    if (count === 0) return;
    const all = this.count + count;
    const gap = mean - this.mean;
    this.squares += squares + gap * gap * ((this.count * count) / all);
    this.mean += (gap * count) / all;
    this.count = all;
  }
}
