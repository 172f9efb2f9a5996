// What reached each vendor and when: the calls in a window, and how many were answered with 429.

import { GHL_URL } from './transport.ts';

interface Call {
  at: number;
  throttled: boolean;
}

export interface Traffic {
  note(url: string, at: number, status: number): void;
  calls(vendor: 'gohighlevel' | 'calltools'): readonly Call[];
  /** The most calls in any window of this length. */
  densest(vendor: 'gohighlevel' | 'calltools', windowMs: number): number;
  throttled(vendor: 'gohighlevel' | 'calltools'): number;
}

export function createTraffic(): Traffic {
  const seen: Record<'gohighlevel' | 'calltools', Call[]> = { gohighlevel: [], calltools: [] };
  return {
    note(url, at, status) {
      seen[url.startsWith(GHL_URL) ? 'gohighlevel' : 'calltools'].push({ at, throttled: status === 429 });
    },
    calls: (vendor) => seen[vendor],
    densest(vendor, windowMs) {
      const times = seen[vendor].map(({ at }) => at).sort((a, b) => a - b);
      let first = 0;
      let most = 0;
      for (const [index, at] of times.entries()) {
        while ((times[first] ?? at) <= at - windowMs) first++;
        most = Math.max(most, index - first + 1);
      }
      return most;
    },
    throttled: (vendor) => seen[vendor].filter((call) => call.throttled).length,
  };
}
