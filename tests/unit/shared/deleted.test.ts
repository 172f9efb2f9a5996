// A contact that says, in any words, that it is deleted may be deleted.

import { expect, test } from 'vitest';
import { deletionIn } from '../../../shared/deleted.ts';
import { readContact } from '../../../workers/consumer/domain/contact.ts';
import { readAppWebhook } from '../../../workers/ingest/payload.ts';

test.each([
  { deleted: true },
  { isDeleted: 'maybe', 'is deleted': true },
  { deletedAt: '2026-01-01' },
  { date_deleted: 1 },
])('%j is a deletion', (contact) => {
  expect(deletionIn(contact)).toBe('yes');
});

test.each([
  { deletedDate: '2026-01-01' },
  { deleted_date: 'x' },
  { deletionDate: '2026' },
  { softDeleted: true },
  { contactDeleted: 'yes' },
  { markedAsDeleted: 1 },
  { deletedBy: 'u1' },
  { deletedTime: 1 },
  { deleted: { at: 1 } },
  { status: 'deleted' },
  { status: ' Deleted ' },
])('%j may be one', (contact) => {
  expect(deletionIn(contact)).toBe('perhaps');
  expect(readContact({ id: 'c1', ...contact })).toMatchObject({ deleted: 'perhaps', unread: ['contact.deleted'] });
  const { snapshot, against } = readAppWebhook({ type: 'ContactUpdate', id: 'c1', tags: ['a'], ...contact });
  expect(snapshot).toBeNull();
  expect(against?.deleted).toBe(true);
});

test.each([
  { deleted: false, deletedDate: null, deletionDate: '', softDeleted: 'false', contactDeleted: 0, deletedBy: 'null' },
  { isArchived: true, archived: true },
  { status: 'active' },
  { status: { deleted: true } },
  { status: 'deleted', pipelineId: 'p1' },
  { status: 'deleted', pipleline_stage: 'Won' },
  { status: 'deleted', opportunity_name: 'Roof' },
  { opportunities: [{ status: 'deleted', deleted: true }] },
  { dateAdded: '2026', id: 'deleted', deleteMe: 'x' },
  { deletedTags: ['x'], tagsDeleted: 2, deletedNotesCount: 1 },
])('%j is none', (contact) => {
  expect(deletionIn(contact)).toBe('no');
});

test('the status of an opportunity is not that of its contact', () => {
  const body = { type: 'OpportunityStatusUpdate', id: 'o1', contactId: 'c1', status: 'deleted', tags: ['a'] };
  expect(readAppWebhook(body)).toMatchObject({ snapshot: null, against: null, opportunity: { status: 'deleted' } });
});
