// Hundreds of contacts at once: within the vendors' limits from the first second, few are told to slow down, and no attempt is used up.

import { describe } from 'vitest';
import { expectNoFailure } from './expect-no-failure.ts';

describe('when nothing fails', () => expectNoFailure({ from: 1, count: 2, chunk: 2 }, { flood: 'import' }));
describe('after an outage of hours', () => expectNoFailure({ from: 1, count: 2, chunk: 1 }, { flood: 'outage' }));
describe('after hours without a write', () => expectNoFailure({ from: 1, count: 2, chunk: 1 }, { flood: 'writes' }));
describe('against a slow CallTools', () => expectNoFailure({ from: 1, count: 3, chunk: 1 }, { flood: 'slow' }));
