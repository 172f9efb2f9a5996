// Entry point of the worker behind the queues.

import { createConsumer } from './consumer.ts';
import { PAGES } from './dashboard-files.ts';
import { type Env, REAL_WORLD } from './env.ts';

export default createConsumer(REAL_WORLD, PAGES) satisfies ExportedHandler<Env>;
