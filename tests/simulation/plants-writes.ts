// Deliberate bugs in how a contact is found in CallTools, written, and read back.

import { consumer, type Plant } from './plant.ts';

export const WRITE_PLANTS: Record<string, Plant> = {
  'no lookup before POST': {
    among: { theme: 'crash' },
    edits: [
      consumer('dialer/upsert', 'const found = await find(session);', `const found = { kind: 'absent' } as Found;`),
    ],
  },
  'unknown filter trusted': {
    among: { theme: 'plain' },
    from: 18,
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
    from: 275,
    edits: [
      consumer('domain/failure', `return failure.kind === 'transient' ||`, `return failure.kind === 'busy' ||`),
      consumer(
        'store/claim',
        'const openClaims = (number(row.unsettled) ?? 0) - (mine ? 1 : 0);',
        'const openClaims = 0;',
      ),
      consumer('store/sql', 'iif(dialer.unsettled > 0,', 'iif(dialer.unsettled < 0,'),
    ],
  },
  'the echo is not read': {
    among: { theme: 'mixed' },
    from: 15,
    edits: [consumer('dialer/read-back', `await confirmBuckets(withPhone, session);`, '')],
  },
  'do-not-contact is written as false': {
    among: { theme: 'plain' },
    edits: [
      consumer('dialer/write', '...person.fields,', '...person.fields,\n    do_not_contact: false as unknown as true,'),
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
  'a write given up is in no doubt': {
    among: { late: true },
    from: 182,
    edits: [consumer('sync/attempt', 'const DOUBT_MS = 60_000;', 'const DOUBT_MS = 0;')],
  },
  'of several buckets with one name only one is emptied': {
    among: { theme: 'labels' },
    from: 30,
    edits: [consumer('dialer/labels', '[row.callToolsId, ...row.otherIds]', '[row.callToolsId]')],
  },
  'nobody is looked for among the members of a bucket': {
    among: { theme: 'mixed' },
    from: 904,
    edits: [
      consumer(
        'dialer/find',
        'const found = await searchBuckets(session);',
        "const found: Found = { kind: 'absent' };",
      ),
    ],
  },
};
