// What the doctor may know of ingest's settings: which secrets there are, and none of them.

import { expect, test } from 'vitest';
import type { Env } from '../../../workers/ingest/env.ts';
import { ingestStatusOf } from '../../../workers/ingest/operator-proxy.ts';
import { createSettingsReader } from '../../../workers/ingest/settings.ts';

function statusOf(env: Record<string, string>) {
  return ingestStatusOf(
    createSettingsReader(() => {})({ GHL_LOCATION_ID: 'here0000000000000000', ...env } as unknown as Env),
  );
}

const NOTHING = {
  locationIds: ['here0000000000000000'],
  apps: 0,
  hmac: false,
  workflow: false,
  calls: false,
  viewer: 'off',
};

test('nothing but the location', () => {
  expect(statusOf({})).toEqual(NOTHING);
});

test.each<[Record<string, string>, object]>([
  [{ GHL_APP_IDS: 'appappappappappappap' }, { apps: 1 }],
  [{ GHL_WEBHOOK_SECRET: 'secret-1' }, { hmac: true }],
  [{ GHL_WORKFLOW_TOKEN: 'secret-1' }, { workflow: true }],
  [{ CALLTOOLS_WEBHOOK_TOKEN: 'secret-1' }, { calls: true }],
  [{ ADMIN_TOKEN: 'secret-1', VIEWER_TOKEN: 'secret-2' }, { viewer: 'on' }],
  [{ ADMIN_TOKEN: 'secret-1', VIEWER_TOKEN: 'secret-1' }, { viewer: 'same' }],
])('%j', (env, known) => {
  const status = statusOf(env);
  expect(status).toEqual({ ...NOTHING, ...known });
  expect(JSON.stringify(status)).not.toContain('secret');
});
