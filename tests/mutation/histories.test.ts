// The last test of a mutant: a few histories of the simulation. Part of `npm run mutate` only.

import { expectNoFailure } from '../simulation/expect-no-failure.ts';

expectNoFailure({ from: 1, count: 40, chunk: 40 });
