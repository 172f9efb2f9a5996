// A webhook with more tags than a queue message can hold goes without them. DND and a deletion are still told, as the webhook said them.

import { expect, test } from 'vitest';
import { CONTACT, contactUpdate, createStage } from './ingest-harness.ts';

/** A list of tags. */
const LONG_TAGS = Array(50).fill('ü'.repeat(2000));
/** An entry that may be a tag. In JSON each of its characters takes six. */
const LONG_ENTRY = [{ name: '\u0001'.repeat(20_000) }];

test.each<[string, Record<string, unknown>, { dnd: boolean; deleted: boolean }]>([
  ['that can be read', { tags: LONG_TAGS }, { dnd: false, deleted: false }],
  ['that can be read, with DND', { tags: LONG_TAGS, dnd: true }, { dnd: true, deleted: false }],
  ['that may be tags', { tags: LONG_ENTRY }, { dnd: false, deleted: false }],
  ['that may be tags, with DND', { tags: LONG_ENTRY, dnd: true }, { dnd: true, deleted: false }],
  ['that may be tags, with a deletion', { tags: LONG_ENTRY, deleted: true }, { dnd: false, deleted: true }],
])('tags %s', async (_name, changes, said) => {
  const stage = createStage();
  await stage.post(contactUpdate(changes));
  expect(stage.events.messages).toMatchObject([{ contactId: CONTACT, snapshot: null, against: { tags: [], ...said } }]);
});
