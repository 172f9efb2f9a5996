// Outages of 1 to 24 hours: everything is delivered in the end, no attempt is used up, and no dead letter is left.

import { expectNoFailure } from './expect-no-failure.ts';

expectNoFailure({ from: 1, count: 12, chunk: 6 }, { outage: true });
