// Deliberate bugs in the nightly run, and in what becomes of a change that a person made in CallTools.

import { consumer, type Plant } from './plant.ts';

export const BY_HAND_PLANTS: Record<string, Plant> = {
  'a run does not look for who vanished': {
    among: { theme: 'plain' },
    from: 75,
    edits: [
      consumer(
        'backstop/finish',
        'const vanished = error === null ? await queueUnseen(run, context) : 0;',
        'const vanished = 0;',
      ),
    ],
  },
  'a stalled run is not woken': {
    among: { theme: 'crash' },
    from: 56,
    edits: [consumer('backstop/run', 'await wake(STALLED_MS, context);', '{}')],
  },
  'verification trusts the fingerprint': {
    among: { theme: 'by-hand' },
    edits: [consumer('sync/attempt', 'if (asWritten && !mustConfirm(job))', 'if (asWritten || mustConfirm(job))')],
  },
  'who was kept out is not verified': {
    among: { theme: 'by-hand' },
    from: 69,
    edits: [
      consumer(
        'store/run-contacts',
        'WHERE location_id = ?1 AND calltools_id IS NOT NULL AND contact_id IS NOT NULL)',
        'WHERE location_id = ?1 AND held = 1 AND contact_id IS NOT NULL)',
      ),
    ],
  },
  'who said no in a call is put back as drift': {
    among: { theme: 'said-no' },
    from: 24,
    edits: [consumer('dialer/drift', 'await refuseTakenOut({ ...contact, buckets }, placing, session);', '')],
  },
  'who said no in a call is put back by a change of the name': {
    among: { theme: 'said-no' },
    edits: [
      consumer(
        'dialer/write',
        'if (seen === null || placing === null || isThere(seen, wanted, ids)) {',
        'if (seen === null || placing === null || isThere(seen, wanted, ids)) return patch(id, session);\n  if (seen.id < 0) {',
      ),
    ],
  },
  'an answer to a write that shows no call is believed': {
    among: { theme: 'said-no' },
    from: 396,
    edits: [
      consumer(
        'dialer/taken-out',
        'const word = contact.word ?? (await dialer.callTools.get(contact.id))?.word ?? null;',
        'const { word } = contact;',
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
};
