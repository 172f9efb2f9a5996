// A few histories of the simulation, against a mutant. Part of `npm run mutate` only.

import { expectNoFailure } from '../simulation/expect-no-failure.ts';

expectNoFailure({ from: 1, count: 40, chunk: 40 });
