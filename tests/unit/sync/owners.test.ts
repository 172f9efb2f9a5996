// OWNERS: users of both accounts by ids, emails and names. Who cannot be found owns nobody, and keeps nobody out.

import { describe, expect, test } from 'vitest';
import { events } from '../../support/consumer-harness.ts';
import { intercept } from '../../support/intercept.ts';
import { jsonAnswer } from '../../support/vendor-harness.ts';
import { last, lead, letters, listCalls, look, MINUTE, open, stageWith } from './lists-harness.ts';

describe('owners', () => {
  const MARIA = 'aaaaaaaa-0000-4000-8000-aaaaaaaaaaaa';

  test('named by ids cost no call', async () => {
    const stage = stageWith({ OWNERS: { 'ghl-user': MARIA } });
    await lead(stage, { assignedTo: 'ghl-user' });
    expect([last(stage).owned_by, listCalls(stage)]).toEqual([MARIA, [0, 0, 0]]);
  });

  test.each(['maria.lopez', 'MARIA.LOPEZ@dialer.example', 'Maria Lopez', ' maria  lopez '])(
    'of CallTools may be named %j: one call, remembered without a name',
    async (name) => {
      const stage = stageWith({ OWNERS: { 'ghl-user': name } });
      for (let n = 0; n < 3; n++) await lead(stage, { assignedTo: 'ghl-user' });
      expect([last(stage).owned_by, listCalls(stage)]).toEqual([MARIA, [0, 0, 1]]);
      const [row] = stage.sqlite.rows('SELECT * FROM account_lists');
      expect(JSON.stringify(row).toLowerCase()).not.toMatch(/lopez|dialer\.example/);
    },
  );

  test('of GoHighLevel may be named by an email', async () => {
    const stage = stageWith({ OWNERS: { 'Ana@Example.com': MARIA } });
    stage.ghl.settings.users = [{ id: 'u1', email: 'ana@example.com' }] as never;
    await lead(stage, { assignedTo: 'u1' });
    expect([last(stage).owned_by, listCalls(stage)]).toEqual([MARIA, [0, 1, 0]]);
  });

  test('that are several or none are not written, and are looked for again after ten minutes', async () => {
    const stage = stageWith({ OWNERS: { 'ghl-user': 'Sam Carter' } });
    const { users } = stage.callTools.settings;
    stage.callTools.settings.users = [...users, ...users.map((user) => ({ ...user, id: user.id.replace(/^./, 'f') }))];
    const id = await lead(stage, { assignedTo: 'ghl-user' });
    expect(last(stage).owned_by ?? null).toBeNull();
    stage.callTools.settings.users = users;
    stage.clock.at += 10 * MINUTE;
    await look(stage, id);
    expect(last(stage).owned_by).toBe('bbbbbbbb-0000-4000-8000-bbbbbbbbbbbb');
  });

  test('whose users cannot be read keep nobody out; those named by ids are written', async () => {
    const stage = stageWith({ OWNERS: { 'ghl-user': MARIA, other: 'Sam Carter', 'ana@example.com': 'Sam Carter' } });
    stage.ghl.settings.scopes = ['contacts.readonly'];
    intercept(stage.callTools, ({ url }) =>
      url.includes('/api/users') ? jsonAnswer(403, { detail: 'You do not have permission.' }) : undefined,
    );
    for (let n = 0; n < 5; n++) await lead(stage, { assignedTo: 'other' });
    await lead(stage, { assignedTo: 'ghl-user' });
    expect([last(stage).owned_by, stage.dialed().length]).toEqual([MARIA, 6]);
    expect([open(stage), letters(stage), events(stage, 'fields.list_unreadable').length]).toEqual([[], [], 1]);
  });

  test('of an earlier setting are not written while CallTools’ users cannot be read', async () => {
    const stage = stageWith({ OWNERS: { 'ghl-user': 'Sam Carter' } });
    await lead(stage, { assignedTo: 'ghl-user' });
    stage.reconfigure({ OWNERS: JSON.stringify({ 'ghl-user': 'priya.nair' }) });
    intercept(stage.callTools, ({ url }) => (url.includes('/api/users') ? jsonAnswer(403, {}) : undefined));
    await lead(stage, { assignedTo: 'ghl-user' });
    expect(last(stage).owned_by ?? null).toBeNull();
  });
});
