// Entry point of the worker behind the queues.

import { type Env, REAL_WORLD } from './config/env.ts';
import { createConsumer } from './consumer.ts';
import { PAGES } from './operator/page-files.ts';

export default createConsumer(REAL_WORLD, PAGES) satisfies ExportedHandler<Env>;
