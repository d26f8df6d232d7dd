import { describe, expect, it } from '@jest/globals';
import { RecentLateRates } from './late-rates.js';

const HOUR = 3_600_000;

describe('RecentLateRates', () => {
  it('begins at the prior', () => {
    expect(new RecentLateRates().at('ATL', 'ORD', 0)).toEqual({ origin: 0.2, destination: 0.2, network: 0.2 });
  });

  it('weighs a label half after three hours', () => {
    const rates = new RecentLateRates();
    rates.arrived('ATL', 'ORD', true, 0);
    // (1 + 0.2 · 10) / (1 + 10), and with half of the label.
    expect(rates.at('ATL', 'ORD', 0).network).toBeCloseTo(3 / 11, 12);
    expect(rates.at('ATL', 'ORD', 3 * HOUR).network).toBeCloseTo(2.5 / 10.5, 12);
  });

  it('takes an airport without labels for the network as it is then', () => {
    const rates = new RecentLateRates();
    for (let i = 0; i < 50; i++) rates.arrived('ATL', 'ORD', true, i);
    const { origin, network } = rates.at('LAX', 'ORD', 50);
    expect(origin).toBe(network);
    expect(network).toBeGreaterThan(0.8);
  });

  it('keeps an airport as origin apart from the same as destination', () => {
    const rates = new RecentLateRates();
    for (let i = 0; i < 50; i++) rates.arrived('ATL', 'ORD', i % 2 === 0, i);
    for (let i = 50; i < 100; i++) rates.arrived('ORD', 'ATL', true, i);
    const { origin, destination } = rates.at('ATL', 'ATL', 100);
    expect(origin).toBeLessThan(destination);
  });
});
