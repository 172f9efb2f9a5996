// Entry point of the public worker.

import { type Env, REAL_WORLD } from './env.ts';
import { createIngest } from './ingest.ts';

export default createIngest(REAL_WORLD) satisfies ExportedHandler<Env>;
