// An alert leads to what is to be done: contacts to look at, and the page of the dashboard that ends it.

import { describe, expect, test } from 'vitest';
import { LOCATION } from '../../support/vendor-harness.ts';
import { createStage, MINUTE, type Stage } from './alert-harness.ts';

const DASHBOARD = 'https://pipeline.example';

/** Contacts `a1` to `a7` in this state, each changed after the one before. */
const contacts = (stage: Stage, state: string, reason: string) =>
  stage.sqlite.rows(
    `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 7)
     INSERT INTO contacts (location_id, contact_id, state, reason, reason_since, created_at, updated_at)
     SELECT ?1, 'a' || i, ?2, ?3, ?4 + i, ?4, ?4 FROM n`,
    ...[LOCATION, state, reason, stage.clock.at - MINUTE],
  );

async function first(env: object, begin: (stage: Stage) => void) {
  const stage = createStage(env);
  begin(stage);
  const [text = ''] = await stage.minute();
  const [alert] = stage.messages[0]?.alerts ?? [];
  return { stage, text, alert, ids: alert?.contacts.map(({ id }) => id) };
}

describe('up to five contacts are named', () => {
  test.each<[string, (stage: Stage) => void, string[]]>([
    [
      'that failed last, with a letter',
      (s) => void [...'abcdefg'].map((id, n) => s.letter(id, { at: n })),
      [...'gfedc'],
    ],
    ['that failed last, without one', (s) => contacts(s, 'failed', 'rejected'), ['a7', 'a6', 'a5', 'a4', 'a3']],
    [
      'that wait for a vendor',
      (s) => {
        contacts(s, 'pending', 'received');
        s.circuit('401: invalid token');
      },
      ['a7', 'a6', 'a5', 'a4', 'a3'],
    ],
    [
      'that lack a field',
      (s) =>
        void s.sqlite.rows(
          `INSERT INTO dialer (location_id, phone_hash, contact_id, held, left_out, updated_at) VALUES (?1, 'h1', 'a1', 1, '["email"]', 0)`,
          LOCATION,
        ),
      ['a1'],
    ],
    ['that the brake holds back', (s) => s.held('p1', 'run1', 'p2', null), ['p2', 'p1']],
    [
      'that a change of rules has taken out since its run began',
      (s) => {
        s.run('run1', -MINUTE, {
          started_at: s.clock.at - MINUTE + 5,
          state: 'running',
          finished_at: null,
          settled_at: null,
        });
        contacts(s, 'kept_out', 'no_route');
        s.sqlite.rows(`INSERT INTO rule_changes VALUES (?1, 'a', 'run1', 'Big', 60, 50)`, LOCATION);
      },
      ['a5', 'a6', 'a7'],
    ],
  ])('%s', async (_what, begin, ids) => {
    const found = await first({ MAX_NEW_PLACEMENTS: '1', DASHBOARD_URL: DASHBOARD }, begin);
    expect([...(found.ids ?? [])].sort()).toEqual([...ids].sort());
    for (const id of ids) expect(found.text).toContain(`${DASHBOARD}/contacts/${id}`);
  });
});

test('text and fields have the page that ends it, as a link', async () => {
  const { text, alert } = await first({ DASHBOARD_URL: `${DASHBOARD}/` }, (s) => s.letter('c1'));
  expect(text.split('\n').slice(2)).toEqual([
    `Contacts, for example: ${DASHBOARD}/contacts/c1`,
    `In the dashboard: ${DASHBOARD}/failed`,
  ]);
  expect(alert).toMatchObject({
    ...{ kind: 'firing', condition: 'dead-letters', location_id: LOCATION, url: `${DASHBOARD}/failed` },
    contacts: [{ id: 'c1', url: `${DASHBOARD}/contacts/c1` }],
  });
});

test('the page of those that are held back is the one that places them', async () => {
  const { alert } = await first({ MAX_NEW_PLACEMENTS: '1', DASHBOARD_URL: DASHBOARD }, (s) => s.held('p1', 'run1'));
  expect(alert).toMatchObject({ condition: 'brake', url: `${DASHBOARD}/` });
});

test('the cause of a dead letter is said in words', async () => {
  const { text } = await first({}, (s) => s.letter('c1'));
  expect(text).toContain('1 rejected. rejected: The vendor refused the data; the error names the field.');
});

test.each([{}, { DASHBOARD_URL: 'nonsense' }, { DASHBOARD_URL: 'javascript:alert(1)' }])(
  'without the dashboard’s address (%j) paths are named, and where to find the dashboard',
  async (env) => {
    const { text, alert } = await first(env, (s) => s.letter('c1'));
    expect(text).toContain('In the dashboard: /failed\n');
    expect(text).toMatch(/the address of contact-ingest\. With DASHBOARD_URL they are links\.$/);
    expect([alert?.url, alert?.contacts]).toEqual([null, [{ id: 'c1', url: null }]]);
  },
);

test('that it is over names no contact and no page', async () => {
  const { stage } = await first({ DASHBOARD_URL: DASHBOARD }, (s) => s.letter('c1'));
  stage.sqlite.rows(`UPDATE dead_letters SET status = 'resolved'`);
  const [over = '', ...more] = [...(await stage.minute(16 * MINUTE))];
  expect(more).toEqual([]);
  expect(over).not.toMatch(/Contacts|In the dashboard/);
  expect(stage.messages.at(-1)?.alerts[0]).toMatchObject({ kind: 'resolved', contacts: [] });
});

test('of another location no contact is named', async () => {
  const { ids } = await first({ DASHBOARD_URL: DASHBOARD }, (s) => {
    s.circuit('down');
    s.sqlite.rows(
      `INSERT INTO contacts (location_id, contact_id, state, reason, created_at, updated_at) VALUES ('other', 'x', 'pending', 'received', 0, 0)`,
    );
  });
  expect(ids).toEqual([]);
});
