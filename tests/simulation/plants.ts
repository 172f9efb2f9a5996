// Deliberate bugs, each a small change of the workers' source: a simulation that does not find them proves nothing.

import { consumer, type Plant } from './plant.ts';
import { FORM_PLANTS } from './plants-forms.ts';
import { LAG_PLANTS } from './plants-lag.ts';
import { ODD_PLANTS } from './plants-odd.ts';
import { PLANTS_OF_WORDS } from './plants-of-words.ts';

const LEASED = 'const until = now + PATIENCE_MS + WORK_MS + LEASE_MARGIN_MS;';

export const PLANTS: Record<string, Plant> = {
  'no lease': {
    among: { theme: 'crowd' },
    edits: [consumer('sync/claim', LEASED, 'const until = now;')],
  },
  'lease shorter than the work': {
    among: { theme: 'crowd' },
    edits: [consumer('sync/claim', LEASED, 'const until = now + 500;')],
  },
  'commit without holding the lease': {
    among: { theme: 'crowd' },
    edits: [
      consumer('store/commit', `AND dialer.lease_token = ?2\``, `AND ?2 IS NOT NULL\``),
      consumer('sync/claim', LEASED, 'const until = now + 500;'),
    ],
  },
  'no lookup before POST': {
    among: { theme: 'crash' },
    edits: [
      consumer('dialer/upsert', 'const found = await find(session);', `const found = { kind: 'absent' } as Found;`),
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
           const fingerprint = await sha256Hex(canonical(wanted, settings.rules, [settings.CALLTOOLS_PHONE_FIELD, settings.CALLTOOLS_EMAIL_FIELD, settings.CALLTOOLS_EXTERNAL_ID_FIELD]));
           await env.DB.prepare('UPDATE dialer SET fingerprint = ?1, held = ?2, unsettled = 0 WHERE phone_hash = ?3')
             .bind(fingerprint, wanted.kind === 'place' ? 1 : 0, row.phoneHash).run();
         }
         const results = await applyJobs(`,
      ),
      consumer(
        'sync/reconcile',
        `import { applyJobs } from './apply.ts';`,
        `import { applyJobs } from './apply.ts';\nimport { canonical } from '../domain/fingerprint.ts';\nimport { sha256Hex } from '../../../shared/hash.ts';`,
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
  'stale snapshot wins': {
    among: { theme: 'plain' },
    edits: [
      consumer(
        'sync/read',
        'const read = await ghl.read(task.work.contactId);',
        `const read = await ghl.read(task.work.contactId);
       if (read.kind === 'found' && task.work.latest.snapshot) read.contact.tags = task.work.latest.snapshot.tags;`,
      ),
    ],
  },
  'unknown filter trusted': {
    among: { theme: 'plain' },
    edits: [
      consumer(
        'dialer/find-by-phone',
        'if (contact && hasPhone(contact, e164, country)) contacts.push(contact);',
        'if (contact) contacts.push(contact);',
      ),
    ],
  },
  'a failed write counts as written': {
    among: { theme: 'mixed' },
    edits: [
      consumer(
        'sync/attempt',
        `return ended(attempt, 'failed', { failure: toFailure(thrown, 'calltools'), drifted });`,
        `return ended(attempt, 'written', { fingerprint });`,
      ),
    ],
  },
  'a lost answer counts as not written': {
    among: { theme: 'mixed' },
    from: 260,
    edits: [
      consumer('domain/failure', `return failure.kind === 'transient' ||`, `return failure.kind === 'busy' ||`),
      consumer(
        'store/claim',
        'const openClaims = (number(row.unsettled) ?? 0) - (mine ? 1 : 0);',
        'const openClaims = 0;',
      ),
      consumer('store/claim', 'iif(dialer.unsettled > 0,', 'iif(dialer.unsettled < 0,'),
    ],
  },
  'a claim that died is forgotten': {
    among: { theme: 'crash' },
    edits: [
      consumer(
        'store/claim',
        'const openClaims = (number(row.unsettled) ?? 0) - (mine ? 1 : 0);',
        'const openClaims = 0;',
      ),
      consumer('store/claim', 'iif(dialer.unsettled > 0,', 'iif(dialer.unsettled < 0,'),
    ],
  },
  'placing beats keeping out': {
    among: { theme: 'plain' },
    edits: [
      consumer(
        'domain/decide',
        `if (doNotContact || intents.some(({ intent }) => intent === 'out'))`,
        'if (doNotContact)',
      ),
    ],
  },
  'the other contact of a phone is not asked for': {
    among: { theme: 'plain' },
    edits: [
      consumer(
        'sync/settle',
        `return isShown(result) ? null : { contactId: job.combined.primary, delayMs: 0 };`,
        'return null;',
      ),
    ],
  },
  'an earlier phone is forgotten': {
    among: { theme: 'plain' },
    edits: [
      consumer(
        'sync/plan',
        'return [contact.phoneHash, phoneHash].includes(row.phoneHash) || row.contactId === contact.contactId;',
        'return phoneHash === row.phoneHash;',
      ),
    ],
  },
  'no dead letter is written': {
    among: { theme: 'mixed' },
    edits: [consumer('sync/commit', 'deadLetters: letters,', 'deadLetters: [],')],
  },
  'a busy contact counts as done': {
    among: { theme: 'crowd' },
    edits: [
      consumer('sync/claim', 'return [{ work, outcome: BUSY }];', `return [{ work, outcome: { kind: 'skipped' } }];`),
    ],
  },
  'the echo is not read': {
    among: { theme: 'mixed' },
    edits: [consumer('dialer/read-back', `await confirmBuckets(withPhone, session);`, '')],
  },
  'do-not-contact is written as false': {
    among: { theme: 'plain' },
    edits: [
      consumer('dialer/write', '...person.fields,', '...person.fields,\n    do_not_contact: false as unknown as true,'),
    ],
  },
  'do-not-contact is not written': {
    among: { theme: 'plain' },
    edits: [
      consumer(
        'domain/decide',
        `if (blocked) return { ...matched, intent: 'dnc'`,
        `if (blocked) return { ...matched, intent: 'out'`,
      ),
    ],
  },
  'waiting work is acked and not sent again': {
    among: { theme: 'mixed' },
    edits: [consumer('queue/handler', 'await producer.send(body, { delaySeconds });', 'void producer; // forgotten')],
  },
  'the outbox is emptied before it is sent': {
    among: { theme: 'platform' },
    edits: [
      consumer(
        'cron/outbox',
        'const taken: string[] = [];',
        'const taken: string[] = rows.map(({ id }) => id);\n    await deleteOutbox(env.DB, taken);',
      ),
    ],
  },
  'a run does not look for who vanished': {
    among: { theme: 'plain' },
    edits: [
      consumer(
        'backstop/finish',
        'const vanished = error === null ? await queueUnseen(run, context) : 0;',
        'const vanished = 0;',
      ),
    ],
  },
  'verification trusts the fingerprint': {
    among: { theme: 'by-hand' },
    edits: [consumer('sync/attempt', 'if (asWritten && !mustConfirm(job))', 'if (asWritten || mustConfirm(job))')],
  },
  'who was kept out is not verified': {
    among: { theme: 'by-hand' },
    edits: [
      consumer(
        'store/run-contacts',
        'WHERE location_id = ?1 AND calltools_id IS NOT NULL AND contact_id IS NOT NULL)',
        'WHERE location_id = ?1 AND held = 1 AND contact_id IS NOT NULL)',
      ),
    ],
  },
  'a stalled run is not woken': {
    among: { theme: 'crash' },
    edits: [consumer('backstop/run', 'await wake(STALLED_MS, context);', '{}')],
  },
  'an acknowledgement without a store': {
    among: { theme: 'platform' },
    edits: [
      {
        file: 'workers/ingest/respond.ts',
        find: `result.delivery.stored === 'nowhere' ? refusalAnswer({ reason: 'not_stored' }) : answer()`,
        replace: 'answer()',
      },
    ],
  },
  'an unchanged contact is written anew': {
    among: { theme: 'plain' },
    edits: [
      consumer(
        'sync/attempt',
        `if (asWritten && !mustConfirm(job)) return ended(attempt, 'unchanged', { fingerprint });`,
        '',
      ),
      consumer('sync/settle', 'searchHash: hash,', 'searchHash: null,'),
    ],
  },
  'the circuit counts for nothing': {
    among: { outage: true },
    edits: [consumer('domain/outcome', 'if (outage) return', 'if (outage && attempts < 0) return')],
  },
  'no call waits for its turn': {
    among: { flood: 'import' },
    edits: [consumer('vendors/rate-limiter', 'if (ms > 0) await world.wait(ms);', 'void ms;')],
  },
  'every instance takes turns of its own': {
    among: { flood: 'import' },
    edits: [consumer('store/rate-limits', 'WHERE granted > 0 AND NOT EXISTS', 'WHERE granted > 99 AND NOT EXISTS')],
  },
  'an outage of writes alone is not noticed': {
    among: { flood: 'writes' },
    edits: [consumer('vendors/circuit-breaker', 'export const SUSPECTS = 3;', 'export const SUSPECTS = 1e9;')],
  },
  'an answered read closes a circuit of failing writes': {
    among: { flood: 'writes' },
    from: 4,
    edits: [
      consumer(
        'vendors/circuit-breaker',
        'return (needsWork ? worked : ok).has(vendor);',
        'return (needsWork ? ok : ok).has(vendor) || worked.has(vendor);',
      ),
    ],
  },
  'a write given up is in no doubt': {
    among: { late: true },
    from: 150,
    edits: [consumer('sync/attempt', 'const DOUBT_MS = 60_000;', 'const DOUBT_MS = 0;')],
  },
  'of several buckets with one name only one is emptied': {
    among: { theme: 'labels' },
    edits: [consumer('dialer/labels', '[row.callToolsId, ...row.twins]', '[row.callToolsId]')],
  },
  'who said no in a call is put back as drift': {
    among: { theme: 'said-no' },
    edits: [consumer('dialer/drift', 'await refuseTakenOut({ ...contact, buckets }, placing, session);', '')],
  },
  'who said no in a call is put back by a change of the name': {
    among: { theme: 'said-no' },
    edits: [
      consumer(
        'dialer/write',
        'if (seen === null || isThere(seen, wanted, ids)) {',
        'if (seen === null || isThere(seen, wanted, ids)) return patch(id, session);\n  if (seen.id < 0) {',
      ),
    ],
  },
  'who said no in a call is kept out once, and placed by the next look': {
    among: { theme: 'said-no' },
    edits: [consumer('sync/hold', `if (hold === null || combined.kind === 'out')`, 'if (combined !== null)')],
  },
  'a call is newer only if its time says so': {
    among: { theme: 'said-no' },
    from: 150,
    edits: [
      consumer('dialer/taken-out', 'if (before !== null) return (await wordHash(word)) !== before;', ''),
      consumer('dialer/taken-out', 'return word.undated || (', 'return ('),
    ],
  },
  'nobody is looked for among the members of a bucket': {
    among: { theme: 'mixed' },
    from: 260,
    edits: [
      consumer(
        'dialer/find',
        'doubtful ? await searchBuckets(session)',
        'doubtful && desired.e164 !== null ? await searchBuckets(session)',
      ),
    ],
  },
  'a number that was removed together with DND is not marked': {
    among: { theme: 'plain' },
    edits: [
      consumer(
        'sync/plan',
        'concerns(row, task) && task.phoneHash !== hash && asksNotToBeCalled(task)',
        'concerns(row, task) && task.phoneHash === null && hash === null',
      ),
    ],
  },
  'the intents under the other numbers of a CallTools contact are ignored': {
    among: { theme: 'shared' },
    edits: [
      consumer(
        'sync/plan',
        'const intents = [...numbers].flatMap((hash) => intentsUnder(hash, batch));',
        'const intents = intentsUnder(row.phoneHash, batch);',
      ),
    ],
  },
  'a number that has gone from a CallTools contact still counts': {
    among: { theme: 'shared' },
    edits: [consumer('dialer/numbers', 'const removed = whole ? before', 'const removed = !whole ? before')],
  },
  'an echo with another number is not read': {
    among: { theme: 'shared' },
    from: 150,
    edits: [
      consumer(
        'dialer/numbers',
        "if (wanted.kind === 'place' && isNew && hashes.includes(own))",
        "if (wanted.kind === 'place' && isNew && own === '')",
      ),
    ],
  },
  ...LAG_PLANTS,
  ...FORM_PLANTS,
  ...PLANTS_OF_WORDS,
  ...ODD_PLANTS,
};
