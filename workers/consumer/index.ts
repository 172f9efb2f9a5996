// Entry point of the worker behind the queues.

import rules from '../../rules.jsonc';
import { type Env, REAL_WORLD } from './config/env.ts';
import { createConsumer } from './consumer.ts';
import { PAGES } from './operator/page-files.ts';

export default createConsumer(REAL_WORLD, { pages: PAGES, rules }) satisfies ExportedHandler<Env>;
