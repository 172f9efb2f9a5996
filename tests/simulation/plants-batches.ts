// Deliberate bugs in how a batch claims, acks and commits its work, and in how work waits its turn.

import { consumer, type Plant } from './plant.ts';

const LEASED = 'const until = now + PATIENCE_MS + WORK_MS + LEASE_MARGIN_MS;';

export const BATCH_PLANTS: Record<string, Plant> = {
  'no lease': {
    among: { theme: 'crowd' },
    from: 23,
    edits: [consumer('sync/claim', LEASED, 'const until = now;')],
  },
  'lease shorter than the work': {
    among: { theme: 'crowd' },
    from: 41,
    edits: [consumer('sync/claim', LEASED, 'const until = now + 500;')],
  },
  'commit without holding the lease': {
    among: { theme: 'crowd' },
    from: 41,
    edits: [
      consumer('store/commit', 'AND dialer.lease_token = ?2 AND', 'AND ?2 IS NOT NULL AND'),
      consumer('sync/claim', LEASED, 'const until = now + 500;'),
    ],
  },
  'commit before apply': {
    among: { theme: 'crash' },
    edits: [
      consumer(
        'sync/reconcile',
        'const results = await applyJobs(',
        `for (const { wanted, row } of planJobs(tasks, phones, settings.rules)) {
           if (wanted === null) continue;
           const fingerprint = await sha256Hex(canonical(wanted, decidedBy(settings, plan)));
           await env.DB.prepare('UPDATE dialer SET fingerprint = ?1, held = ?2, unsettled = 0 WHERE phone_hash = ?3')
             .bind(fingerprint, wanted.kind === 'place' ? 1 : 0, row.phoneHash).run();
         }
         const results = await applyJobs(`,
      ),
      consumer(
        'sync/reconcile',
        `import { applyJobs } from './apply.ts';`,
        `import { applyJobs } from './apply.ts';\nimport { decidedBy } from '../config/settings.ts';\nimport { canonical } from '../domain/fingerprint.ts';\nimport { sha256Hex } from '../../../shared/hash.ts';`,
      ),
    ],
  },
  'ack before commit': {
    among: { theme: 'crash' },
    edits: [
      consumer(
        'queue/handler',
        'const locations = await readLocations(context.env);',
        'const locations = await readLocations(context.env);\n  for (const message of messages) message.ack();',
      ),
    ],
  },
  'a claim that died is forgotten': {
    among: { theme: 'crash' },
    from: 20,
    edits: [
      consumer(
        'store/claim',
        'const openClaims = (number(row.unsettled) ?? 0) - (mine ? 1 : 0);',
        'const openClaims = 0;',
      ),
      consumer('store/sql', 'iif(dialer.unsettled > 0,', 'iif(dialer.unsettled < 0,'),
    ],
  },
  'a busy contact counts as done': {
    among: { theme: 'crowd' },
    edits: [
      consumer('sync/claim', 'return [{ work, outcome: BUSY }];', `return [{ work, outcome: { kind: 'skipped' } }];`),
    ],
  },
  'no dead letter is written': {
    among: { theme: 'mixed' },
    from: 24,
    edits: [consumer('sync/commit', 'deadLetters: letters,', 'deadLetters: [],')],
  },
  'waiting work is acked and not sent again': {
    among: { theme: 'mixed' },
    edits: [consumer('queue/handler', 'await producer.send(body, { delaySeconds });', 'void producer; // forgotten')],
  },
  'a question is not stored before it is sent': {
    among: { theme: 'lag' },
    from: 430,
    edits: [consumer('store/commit', 'if (commit.unsent?.length)', 'if (commit.unsent === null)')],
  },
  'a question that the queue did not take is forgotten': {
    among: { theme: 'lag' },
    from: 430,
    edits: [consumer('sync/ask', 'refused.push(message.eventId);', 'taken.push(message.eventId);')],
  },
  'the outbox is emptied before it is sent': {
    among: { theme: 'platform' },
    from: 17,
    edits: [
      consumer(
        'cron/outbox',
        'const taken: string[] = [];',
        'const taken: string[] = rows.map(({ id }) => id);\n    await deleteOutbox(env.DB, taken);',
      ),
    ],
  },
  'an acknowledgement without a store': {
    among: { theme: 'platform' },
    from: 37,
    edits: [
      {
        file: 'workers/ingest/respond.ts',
        find: `result.delivery.stored === 'nowhere' ? refusalAnswer({ reason: 'not_stored' }) : answer()`,
        replace: 'answer()',
      },
    ],
  },
};
