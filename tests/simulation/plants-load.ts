// Deliberate bugs in the circuit breaker and the rate limiter.

import { consumer, type Plant } from './plant.ts';

export const LOAD_PLANTS: Record<string, Plant> = {
  'the circuit counts for nothing': {
    among: { outage: true },
    edits: [consumer('domain/outcome', 'if (outage) return', 'if (outage && attempts < 0) return')],
  },
  'no call waits for its turn': {
    among: { flood: 'import' },
    edits: [consumer('vendors/rate-limiter', 'if (ms > 0) await world.wait(ms);', 'void ms;')],
  },
  'every instance takes turns of its own': {
    among: { flood: 'import' },
    edits: [consumer('store/rate-limits', 'WHERE granted > 0 AND NOT EXISTS', 'WHERE granted > 99 AND NOT EXISTS')],
  },
  'an outage of writes alone is not noticed': {
    among: { flood: 'writes' },
    edits: [consumer('vendors/circuit-breaker', 'export const SUSPECTS = 3;', 'export const SUSPECTS = 1e9;')],
  },
  'an answered read closes a circuit of failing writes': {
    among: { flood: 'writes' },
    from: 4,
    edits: [
      consumer(
        'vendors/circuit-breaker',
        'return (needsWork ? worked : ok).has(vendor);',
        'return (needsWork ? ok : ok).has(vendor) || worked.has(vendor);',
      ),
    ],
  },
};
