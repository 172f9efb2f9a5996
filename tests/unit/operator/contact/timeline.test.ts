// The timeline of GET /contacts/:id: what happened, newest first, from what is stored anyway.

import { beforeEach, expect, test } from 'vitest';
import { openSqlite } from '../../../../sandbox/d1-sqlite.ts';
import type { Contact, TimelineEntry } from '../../../../shared/api/contacts.ts';
import { insertDeadLetters } from '../../../../workers/consumer/store/dead-letters.ts';
import {
  aLetter,
  ask,
  dataOf,
  iso,
  LOCATION,
  NOW,
  operatorDeps,
  seedContact,
} from '../../../support/operator-harness.ts';

let sqlite: ReturnType<typeof openSqlite>;
beforeEach(() => {
  sqlite = openSqlite();
});
const db = () => sqlite.bind(async (act) => act());

async function timeline(columns: Record<string, string | number | null> = {}): Promise<TimelineEntry[]> {
  await seedContact(db(), 'contact1', columns);
  const data = (await dataOf(ask('/contacts/contact1', operatorDeps(db()).deps))) as Contact;
  return data.timeline;
}
const steps = (entries: TimelineEntry[]) =>
  entries.map(({ at, step, attempts }) => [Date.parse(at) - NOW, step, attempts]);

test('a webhook is followed from its arrival to the write, with its tries', async () => {
  const asked = { eventId: 'e1', source: 'webhook', reason: 'placed' };
  const entries = await timeline({
    created_at: NOW - 90_000,
    history: JSON.stringify([
      {
        ...asked,
        at: NOW,
        outcome: 'done',
        received: 60_000,
        read: 900,
        decided: 500,
        wrote: 1,
        tries: 2,
        because: 'of tag "cold lead"',
      },
      { ...asked, at: NOW - 30_000, outcome: 'retry', received: 30_000, read: 800 },
    ]),
  });
  expect(steps(entries)).toEqual([
    [0, 'written', 2],
    [-500, 'decided', 2],
    [-900, 'read', null],
    [-30_000, 'failed', 1],
    [-30_800, 'read', null],
    [-60_000, 'received', null],
    [-90_000, 'received', null],
  ]);
  expect(entries.map(({ text }) => text).slice(0, 2)).toEqual([
    'Written to CallTools.',
    'In the dialer, because of tag "cold lead".',
  ]);
});

test('a work that found nothing to write says so; an entry of an earlier version claims nothing', async () => {
  const base = { eventId: 'e1', source: 'backstop', reason: 'dnd', outcome: 'done' };
  const history = [
    { ...base, at: NOW, received: 10 },
    { ...base, at: NOW - 1000 },
  ];
  const texts = (await timeline({ history: JSON.stringify(history) })).map(({ text }) => text);
  expect(texts).toEqual([
    'Asked not to be called. Nothing had to be written.',
    'The nightly sync asked to look at it.',
    'Asked not to be called.',
    'It became known here.',
  ]);
});

test('a failure is told once, and what became of its dead letter', async () => {
  const letter = aLetter({ deadAt: NOW - 5000 });
  await db().batch([insertDeadLetters(db(), [letter])]);
  sqlite.rows(`UPDATE dead_letters SET replayed_at = ?1`, NOW - 1000);
  const history = [
    { at: NOW - 5000, outcome: 'dead', reason: letter.reason, eventId: 'e', source: 'webhook', tries: 4 },
  ];
  const entries = await timeline({ state: 'failed', reason: letter.reason, history: JSON.stringify(history) });
  expect(steps(entries).slice(0, 2)).toEqual([
    [-1000, 'replayed', null],
    [-5000, 'failed', 4],
  ]);
});

test('calls and what operators did stand among the rest', async () => {
  sqlite.rows(
    `INSERT INTO audit (at, role, action, outcome, location_id, contact_id) VALUES (?1, 'operator', 'contact.recheck', 'done', ?2, 'contact1')`,
    NOW - 10,
    LOCATION,
  );
  sqlite.rows(
    `INSERT INTO audit (at, role, action, outcome, location_id, contact_id) VALUES (?1, 'operator', 'contact.place', 'done', ?2, 'contact2')`,
    NOW - 5,
    LOCATION,
  );
  const [first, second] = await timeline();
  expect(first).toEqual({
    at: iso(NOW - 10),
    step: 'operator',
    text: 'An operator asked to check it again.',
    attempts: null,
  });
  expect(second?.text).toBe('It became known here.');
});
