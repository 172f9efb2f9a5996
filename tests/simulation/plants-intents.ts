// Deliberate bugs in what is wanted for a phone number, and for all numbers of one CallTools contact.

import { consumer, type Plant } from './plant.ts';

export const INTENT_PLANTS: Record<string, Plant> = {
  'stale snapshot wins': {
    among: { theme: 'plain' },
    from: 132,
    edits: [
      consumer(
        'sync/read',
        'const read = await ghl.read(task.work.contactId);',
        `const read = await ghl.read(task.work.contactId);
       if (read.kind === 'found' && task.work.latest.snapshot) read.contact.tags = task.work.latest.snapshot.tags;`,
      ),
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
    from: 51,
    edits: [
      consumer(
        'sync/ask',
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
  'do-not-contact is not written': {
    among: { theme: 'plain' },
    edits: [
      consumer(
        'domain/decide',
        `if (blocked) return { ...common, intent: 'dnc'`,
        `if (blocked) return { ...common, intent: 'out'`,
      ),
    ],
  },
  'a number that was removed together with DND is not marked': {
    among: { theme: 'plain' },
    from: 28,
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
    from: 33,
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
};
