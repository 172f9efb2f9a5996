// The stand-in for GoHighLevel lists the users of its location.

import { describe, expect, test } from 'vitest';
import { LOCATION_USERS } from '../../../sandbox/gohighlevel/location-users.ts';
import { location } from './gohighlevel-harness.ts';

describe('users', () => {
  test('are listed, and have ids of GoHighLevel’s look', async () => {
    const { call } = location();
    const { status, json } = await call('GET', '/users/?locationId=loc');
    expect([status, json]).toMatchObject([200, { users: LOCATION_USERS }]);
    expect(LOCATION_USERS[0]).toMatchObject({
      id: 'user0000000000000001',
      name: 'Erin Walsh',
      firstName: 'Erin',
      lastName: 'Walsh',
      email: 'erin.walsh@crm.example',
    });
    expect(new Set(LOCATION_USERS.map(({ id }) => id.length))).toEqual(new Set([20]));
  });

  test('are a setting', async () => {
    const [first] = LOCATION_USERS;
    const { call, vendor } = location();
    vendor.settings.users = first ? [{ ...first, id: 'other000000000000001' }] : [];
    expect((await call('GET', '/users/?locationId=loc')).json.users.map(({ id }) => id)).toEqual([
      'other000000000000001',
    ]);
  });

  test.each(['/users/?locationId=other', '/users/'])('of another location are refused: %s', async (path) => {
    const { call } = location();
    expect(await call('GET', path)).toMatchObject({
      status: 403,
      json: { message: 'The token does not have access to this location.' },
    });
  });

  test.each([
    ['contacts.readonly', 401],
    ['users.readonly', 200],
  ])('a token with %s alone', async (scope, status) => {
    const { call } = location({ scopes: [scope] });
    expect((await call('GET', '/users/?locationId=loc')).status).toBe(status);
    expect((await call('GET', '/contacts/x')).status).toBe(status === 401 ? 400 : 401);
  });

  test('are found below a base path, and are not changed', async () => {
    const { call } = location();
    expect((await call('GET', '/ghl/users/?locationId=loc')).status).toBe(200);
    expect((await call('POST', '/users/?locationId=loc', {})).status).toBe(404);
  });
});
