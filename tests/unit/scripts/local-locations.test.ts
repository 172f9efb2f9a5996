// Several locations in a local run: what the environment says of each reaches the consumer alone, and a fault stops the start.

import { describe, expect, test } from 'vitest';
import { readLocalLocations } from '../../../scripts/local/locations.ts';
import { checkSettings, consumerValues, ingestValues, readEnvironment } from '../../../scripts/local/settings.ts';
import { ENV, LOCATION } from '../../support/vendor-harness.ts';

const KEYS = { GHL_API_KEY_ACME: 'pit-acme', CALLTOOLS_API_KEY_ACME: 'calltools-acme' };
const entry = { secrets: 'ACME', CALLTOOLS_BASE_URL: 'https://west-2.calltools.test' };
const LOCATIONS = JSON.stringify({ acme: entry });

test('the secrets of a location come from the environment, and ingest never sees them', () => {
  const values = readEnvironment({ ...KEYS, LOCATIONS, GHL_API_KEY_: 'x', MY_API_KEY_ACME: 'y' });
  expect(values).toEqual({ ...KEYS, LOCATIONS });
  expect(consumerValues(values)).toEqual(values);
  expect(ingestValues(values)).toEqual({ LOCATIONS });
});

test('a sandbox stands in for each vendor that neither the location nor the top of the settings names', () => {
  const [location] = readLocalLocations(LOCATIONS, {});
  expect(location).toMatchObject({ id: 'acme', standIns: { goHighLevel: true, callTools: false } });
  const [inheriting] = readLocalLocations({ acme: { secrets: 'ACME' } }, { GHL_API_BASE_URL: 'https://ghl.test' });
  expect(inheriting?.standIns).toEqual({ goHighLevel: false, callTools: true });
});

describe('checkSettings', () => {
  const check = (more: object) => checkSettings({ LOCATIONS }, { ...ENV, ...KEYS, LOCATIONS, ...more });

  test('takes a location that is well', () => expect(check({})).resolves.toBeUndefined());

  test.each<[object, RegExp]>([
    [{ GHL_API_KEY_ACME: '' }, /^acme: GHL_API_KEY_ACME is not set/],
    [{ GHL_API_KEY: '' }, new RegExp(`^${LOCATION}: GHL_API_KEY is not set`)],
    [{ LOCATIONS: '{' }, /^LOCATIONS is not valid JSON/],
  ])('%j stops the start, with the location', (more, message) => expect(check(more)).rejects.toThrow(message));
});
