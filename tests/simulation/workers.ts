// The code under test: the workers of this checkout, or a changed copy of them.

import { createConsumer } from '../../workers/consumer/consumer.ts';
import { createIngest } from '../../workers/ingest/ingest.ts';

export interface Workers {
  createConsumer: typeof createConsumer;
  createIngest: typeof createIngest;
}

export const REAL_WORKERS: Workers = { createConsumer, createIngest };
