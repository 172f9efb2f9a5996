// Deliberate bugs in how odd forms are read: what is not said plainly, and lists that are not as they should be.

import { consumer, type Plant } from './plant.ts';

export const FORM_PLANTS: Record<string, Plant> = {
  'one field that cannot be read hides the others': {
    among: { theme: 'forms' },
    edits: [consumer('sync/partial-read', 'if (isAgainst(decision)) return;', '')],
  },
  'a tag of an odd form counts for nothing': {
    among: { theme: 'forms' },
    from: 150,
    edits: [
      consumer(
        'domain/rules/match',
        'judgeTags(conditions, against ? facts.allTags : facts.tags)',
        'judgeTags(conditions, facts.tags)',
      ),
      // Otherwise what the webhook said of the tag still counts, since the contact cannot be read whole.
      consumer(
        'sync/triage',
        "row.intent === 'place' ? row.priority : null), row.readAt)",
        "row.intent === 'place' ? row.priority : null), now)",
      ),
    ],
  },
  'a tag of an odd form places': {
    among: { theme: 'forms' },
    from: 28,
    edits: [
      consumer(
        'domain/rules/match',
        'judgeTags(conditions, against ? facts.allTags : facts.tags)',
        'judgeTags(conditions, facts.allTags)',
      ),
      consumer('sync/partial-read', 'if (decision.unread)', 'if (decision.unread === null)'),
    ],
  },
  'a snapshot of an odd form is taken at its word': {
    among: { theme: 'forms' },
    from: 585,
    edits: [
      {
        file: 'workers/ingest/payload.ts',
        find: 'whole && perhaps.length === 0 && ',
        replace: '(whole || perhaps) && ',
      },
    ],
  },
  'typographic apostrophes are other characters': {
    among: { theme: 'forms' },
    from: 20,
    edits: [{ file: 'shared/fold.ts', find: `.replace(APOSTROPHES, "'")`, replace: '' }],
  },
  'an apostrophe ends a word': {
    among: { theme: 'forms' },
    edits: [
      {
        file: 'workers/consumer/domain/rules/tags.ts',
        find: 'return !beforeApostrophe && !afterApostrophe;',
        replace: 'return true;',
      },
    ],
  },
  'a number is taken out of prose': {
    among: { theme: 'forms' },
    edits: [
      consumer('domain/phone', 'extract: false', 'extract: true'),
      consumer('domain/phone', ' || !NUMBER_ALONE.test(plain)', ''),
    ],
  },
  'only a channel named Call blocks calls': {
    among: { theme: 'forms' },
    from: 29,
    edits: [
      {
        file: 'shared/dnd.ts',
        find: `!OTHER_CHANNELS.has(plain(channel).replace(/[\\s_-]+/g, ''))`,
        replace: `plain(channel) === 'call'`,
      },
    ],
  },
  'one row ends the contact list': {
    among: { theme: 'forms' },
    from: 28,
    edits: [consumer('vendors/search-page', 'read.findLastIndex(({ cursor }) => cursor !== null)', 'read.length - 1')],
  },
  'a list that moves is taken as it comes': {
    among: { theme: 'forms' },
    edits: [
      consumer(
        'vendors/calltools-lists',
        'slipped = (slipped || more !== 0) && !follows;',
        'slipped = follows && more === null;',
      ),
      consumer('vendors/calltools-lists', 'sight.isAll() || again || !sight.moving', 'sight.isAll() || true'),
    ],
  },
};
