// The promises of the design under every history of these seeds; its sibling file runs the others, on the second core.

import { expectNoFailure } from './expect-no-failure.ts';

expectNoFailure({ from: 1, count: 800, chunk: 100 });
