import { describe, expect, it } from '@jest/globals';
import { deploymentWatermark, sourceWatermark } from './watermark.js';

const at = (mark: number | null, idle = false) => ({ mark, idle });

describe('a source', () => {
  it('is as far as the slowest partition that moves', () => {
    expect(sourceWatermark([at(30), at(10), at(20)])).toBe(10);
  });

  it('is not held back by an idle partition, whether it ever had records or not', () => {
    expect(sourceWatermark([at(30), at(10, true), at(null, true)])).toBe(30);
  });

  it('waits for a partition that may still have records but has shown too few', () => {
    expect(sourceWatermark([at(30), at(null)])).toBeNull();
  });

  it('is as far as its newest partition when all are idle, and unknown when nothing ever came', () => {
    expect(sourceWatermark([at(10, true), at(12, true)])).toBe(12);
    expect(sourceWatermark([at(null, true)])).toBeNull();
    expect(sourceWatermark([])).toBeNull();
  });
});

describe('a deployment', () => {
  it('is as far as the slower of predictions and labels', () => {
    expect(deploymentWatermark([[at(30)], [at(25)]])).toBe(25);
    expect(deploymentWatermark([[at(30)]])).toBe(30);
    expect(deploymentWatermark([[at(30)], [at(null)]])).toBeNull();
  });
});
