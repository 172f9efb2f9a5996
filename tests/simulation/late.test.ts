// Writes that CallTools applies after we have given them up: what they undo is repaired within minutes.

import { expectNoFailure } from './expect-no-failure.ts';

expectNoFailure({ from: 1, count: 300, chunk: 100 }, { late: true });
