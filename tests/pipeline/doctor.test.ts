// npm run doctor against the real pipeline. For each planted fault, one that would cost days to find, the doctor alone names it.

import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { Doctor, DoctorReport } from '../../shared/api/status.ts';
import { type Pipeline, SOON, startPipeline } from './harness.ts';
import { ADMIN_TOKEN, LOCATION } from './keys.ts';

let pipeline: Pipeline;
let contact: string;
beforeAll(async () => {
  pipeline = await startPipeline();
});
afterAll(() => pipeline.close());

/** Runs the script to its end. */
function script(args: string[], env: Record<string, string> = {}) {
  const given = { PATH: process.env.PATH ?? '', PIPELINE_URL: pipeline.url.origin, ADMIN_TOKEN, ...env };
  return new Promise<{ code: number; out: string; err: string }>((done) =>
    execFile(process.execPath, ['scripts/doctor.ts', ...args], { env: given }, (error, out, err) => {
      expect(out + err).not.toContain(ADMIN_TOKEN);
      done({ code: error ? Number(error.code) : 0, out, err });
    }),
  );
}

function onlyReport(out: string): DoctorReport {
  const [report, ...more] = (JSON.parse(out) as Doctor).reports;
  if (!report || more.length > 0) throw new Error(out);
  return report;
}

async function failures(): Promise<{ code: number; failed: [string, string][] }> {
  const { code, out } = await script(['--json']);
  const { checks } = onlyReport(out);
  return { code, failed: checks.flatMap((one) => (one.status === 'failed' ? [[one.code, one.seen]] : [])) };
}

test('a healthy pipeline has nothing that failed', async () => {
  const { ghl, callTools } = pipeline.sandbox;
  contact = (await ghl.addContact({ firstName: 'Dana', phone: '+13055550142', tags: ['cold lead'] })).id;
  await expect.poll(() => callTools.holds('Cold Leads'), SOON).toEqual(['+13055550142']);
  await pipeline.idle();
  const { code, out } = await script([]);
  expect(out).toMatch(new RegExp(`^${pipeline.url.origin}, location ${LOCATION}\\n`));
  expect(out).not.toContain('FAILED');
  expect(out).toMatch(/\nok +queues +Waiting: contact-events 0, contact-backstop 0, contact-dead-letters 0\.\n/);
  expect(out).toMatch(/\nok +webhooks +/);
  expect(out).toMatch(/\nok +ingest +It takes them: .*HMAC \(open\), workflow actions \(open\)\.\n/);
  expect(out).not.toMatch(/Dana|3055550142/);
  expect(code).toBe(0);
});

test('the membership of a named contact is tried, and it is back in its bucket', async () => {
  const { code, out } = await script(['--json', '--contact', contact]);
  const { checks } = onlyReport(out);
  expect(checks.find((one) => one.code === 'membership')).toMatchObject({
    status: 'ok',
    seen: 'The contact left its bucket and came back; both were read back.',
  });
  expect(code).toBe(0);
  expect(pipeline.sandbox.callTools.holds('Cold Leads')).toEqual(['+13055550142']);
});

describe('a planted fault is found with the doctor alone', () => {
  test('revoked tokens', async () => {
    const { ghl, callTools } = pipeline.sandbox;
    for (const { faults } of [ghl, callTools])
      faults.plan({
        do: { kind: 'status', status: 401, body: { message: 'Invalid token', detail: 'Invalid token.' } },
      });
    expect(await failures()).toEqual({
      code: 1,
      failed: [
        ['ghl-token', expect.stringContaining('401')],
        ['calltools-token', expect.stringContaining('does not know this key')],
      ],
    });
    for (const { faults } of [ghl, callTools]) faults.clear();
  });

  test('a missing bucket', async () => {
    pipeline.sandbox.callTools.deleteBucket('Cold Leads');
    expect(await failures()).toEqual({
      code: 1,
      failed: [['calltools-bucket', 'Missing: Cold Leads. CallTools has: none.']],
    });
    pipeline.sandbox.callTools.putInBucketByHand(pipeline.sandbox.callTools.contacts()[0]?.id ?? 0, 'Cold Leads');
  });

  test('a wrong phone field', async () => {
    await pipeline.configure({ CALLTOOLS_PHONE_FIELD: 'phone_number' });
    expect(await failures()).toEqual({
      code: 1,
      failed: [['calltools-phone-field', expect.stringMatching(/no field phone_number.*mobile_phone_number/)]],
    });
  });

  test('a wrong silo', async () => {
    await pipeline.configure({ CALLTOOLS_BASE_URL: `${pipeline.sandbox.url}/elsewhere` });
    expect(await failures()).toEqual({
      code: 1,
      failed: [['calltools-host', expect.stringMatching(/does not answer as CallTools does: .*404/)]],
    });
  });

  test('a wrong setting', async () => {
    await pipeline.configure({ SYNC_RULES: '{oops' });
    expect(await failures()).toEqual({ code: 1, failed: [['settings', expect.stringContaining('line 1, column 2')]] });
  });
});

describe('what keeps it from running', () => {
  test.each<[string, number, string[], Record<string, string>, RegExp]>([
    ['no token', 2, [], { ADMIN_TOKEN: '' }, /No token: set ADMIN_TOKEN/],
    ['a wrong token', 2, [], { ADMIN_TOKEN: 'wrong' }, /refuses the token/],
    ['nobody there', 1, ['--url', 'http://127.0.0.1:9'], {}, /cannot be reached/],
    ['no contact id', 2, ['--contact', 'a b'], {}, /query parameter contact must be/],
    ['an unknown option', 2, ['--all'], {}, /unknown option/],
  ])('%s', async (_what, code, args, env, sentence) => {
    expect(await script(args, env)).toEqual({ code, out: '', err: expect.stringMatching(sentence) });
  });

  test('another server', async () => {
    const server = createServer((_request, response) => response.end('{"success":true,"data":{}}'));
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    onTestFinished(() => void server.close());
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    expect(await script(['--url', url])).toMatchObject({ code: 1, err: expect.stringMatching(/not as the ingest/) });
  });
});
