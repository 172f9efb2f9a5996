// Each key is tried as it is typed: one that is refused is not taken, and one that cannot be tried is the person's decision. No key is
// ever shown, or written into a file.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CONSUMER_CONFIG, INGEST_CONFIG } from '../../../scripts/setup/config-file.ts';
import { RULES_FILE_NAME } from '../../../workers/consumer/config/settings.ts';
import { ALERTS, accounts } from './setup-accounts.ts';
import { KEYS, person, setupStage, VALUES } from './setup-harness.ts';

/** A person who types these for the secrets that are asked for, one after the other. */
function typing(secrets: string[], keepsUnchecked = false) {
  const asked: string[] = [];
  const prompt = person({
    askSecret: async (question) => {
      asked.push(question);
      const secret = secrets.shift();
      if (secret === undefined && /token|API/.test(question) && !question.includes('ADMIN'))
        throw new DOMException('Nothing more to type.', 'AbortError');
      return secret ?? '';
    },
    confirm: async (question) => !question.includes('could not be checked') || keepsUnchecked,
  });
  return { asked, prompt };
}

const SLACK = 'https://hooks.example.com';
const slack = (answer: () => Response) => accounts({ [SLACK]: answer });
const GOOD = [KEYS.GHL_API_KEY, KEYS.CALLTOOLS_API_KEY];

describe('a key that is typed', () => {
  test('is refused where its vendor refuses it, and asked for again', async () => {
    const [stage, given] = [await setupStage(), accounts()];
    const { asked, prompt } = typing(['pit-wrong', KEYS.GHL_API_KEY, 'wrong', KEYS.CALLTOOLS_API_KEY]);
    const { code, out } = await stage.setup({ env: VALUES, prompt, vendors: given.vendors });
    expect([code, asked.map((question) => question.split(' ')[0])]).toEqual([
      0,
      ['GoHighLevel', 'GoHighLevel', 'CallTools', 'CallTools', 'Address'],
    ]);
    expect(out).toMatch(/GoHighLevel refused it: .*401/);
    expect(out).toMatch(/CallTools refused it: .*does not know this key/);
    expect(out).toMatch(/GHL_API_KEY: GoHighLevel takes it\. It reads contacts/);
    expect(stage.account.workers['contact-consumer']).toEqual(KEYS);
  });

  test('of another location is refused', async () => {
    const [stage, given] = [await setupStage(), accounts()];
    const env = { ...VALUES, GHL_LOCATION_ID: 'otherLocation' };
    const { code, out } = await stage.setup({ env: { ...env, ...KEYS }, vendors: given.vendors });
    expect([code, out]).toEqual([1, expect.stringMatching(/GoHighLevel refused it: .*access to this location/)]);
  });

  test('is not called refused where its vendor cannot be reached; the person decides', async () => {
    const stage = await setupStage();
    const { asked, prompt } = typing([...GOOD], true);
    const { code, out } = await stage.setup({ env: VALUES, prompt });
    expect([code, asked.length]).toEqual([0, 3]);
    expect(out).toContain('GoHighLevel could not be reached');
    expect(out).not.toContain('refused');
    expect(stage.account.workers['contact-consumer']).toEqual(KEYS);
    const again = await setupStage();
    const careful = typing([...GOOD, ...GOOD]);
    await again.setup({ env: VALUES, prompt: careful.prompt }).catch(() => {});
    expect(careful.asked.slice(0, 2).map((question) => question.split(' ')[0])).toEqual(['GoHighLevel', 'GoHighLevel']);
  });

  test('comes before anything is made', async () => {
    const stage = await setupStage();
    const { prompt } = typing([]);
    const stop = async () => {
      expect(Object.keys({ ...stage.account.queues, ...stage.account.workers })).toEqual([]);
      throw new DOMException('', 'AbortError');
    };
    await expect(stage.setup({ env: VALUES, prompt: { ...prompt, askSecret: stop } })).rejects.toThrow();
  });
});

describe('a key in the environment', () => {
  test('that is refused ends the set-up before anything is made', async () => {
    const [stage, given] = [await setupStage(), accounts()];
    const env = { ...VALUES, ...KEYS, CALLTOOLS_API_KEY: 'of-yesterday' };
    const { code, out } = await stage.setup({ env, vendors: given.vendors });
    expect([code, out]).toEqual([
      1,
      expect.stringMatching(/CALLTOOLS_API_KEY in the environment is wrong\. CallTools refused it/),
    ]);
    expect(out).not.toContain('of-yesterday');
    expect([stage.account.queues, stage.account.workers]).toEqual([{}, {}]);
  });

  test('that cannot be tried is taken, and that is said', async () => {
    const stage = await setupStage();
    const { code, out } = await stage.setup();
    expect([code, out]).toEqual([
      0,
      expect.stringMatching(/GHL_API_KEY: .*could not be reached.* It is taken unchecked\./),
    ]);
  });

  test('that is set already is not asked for, and no vendor is called with it', async () => {
    const [stage, given] = [await setupStage(), accounts()];
    await stage.setup({ vendors: given.vendors });
    given.asked.length = 0;
    const { asked, prompt } = typing([]);
    const { code } = await stage.setup({ env: {}, prompt, vendors: given.vendors });
    expect([code, asked, given.asked]).toEqual([
      0,
      ['ADMIN_TOKEN, to check the pipeline; Enter to leave that out (not shown)'],
      [],
    ]);
  });
});

describe('the address for alerts', () => {
  test('gets a test message, and is asked for again where that is refused', async () => {
    const stage = await setupStage();
    const bodies: string[] = [];
    let status = 404;
    const given = accounts({
      [SLACK]: async (request) => {
        bodies.push(await request.text());
        const answer = new Response('no', { status });
        status = 200;
        return answer;
      },
    });
    const { prompt } = typing([...GOOD, 'nonsense', ALERTS, ALERTS]);
    const { out } = await stage.setup({ env: VALUES, prompt, vendors: given.vendors });
    expect(out).toContain('The test message was refused: ALERT_WEBHOOK_URL is no URL.');
    expect(out).toContain('The test message was refused: it answered 404.');
    expect(bodies).toEqual(Array(2).fill(expect.stringContaining('"text":"Test: alerts')));
    expect(stage.account.workers['contact-consumer']).toMatchObject({ ALERT_WEBHOOK_URL: ALERTS });
    expect(out).not.toContain(ALERTS);
  });

  test('may be left out, and is not asked for again but by --new', async () => {
    const [stage, given] = [await setupStage(), slack(() => new Response('ok'))];
    await stage.setup({ env: VALUES, prompt: typing([...GOOD, '']).prompt, vendors: given.vendors });
    expect(stage.account.workers['contact-consumer']).toEqual(KEYS);
    const second = typing([]);
    await stage.setup({ env: {}, prompt: second.prompt, vendors: given.vendors });
    expect(second.asked.filter((question) => question.startsWith('Address'))).toEqual([]);
    const third = typing([ALERTS]);
    const options = { renew: ['ALERT_WEBHOOK_URL' as const] };
    await stage.setup({ env: {}, prompt: third.prompt, options, vendors: given.vendors });
    expect(stage.account.workers['contact-consumer']).toMatchObject({ ALERT_WEBHOOK_URL: ALERTS });
  });

  test('comes from the environment where nobody is asked', async () => {
    const [stage, given] = [await setupStage(), slack(() => new Response('ok'))];
    const env = { ...VALUES, ...KEYS, ALERT_WEBHOOK_URL: ALERTS };
    expect((await stage.setup({ env, vendors: given.vendors })).code).toBe(0);
    expect(stage.account.workers['contact-consumer']).toEqual({ ...KEYS, ALERT_WEBHOOK_URL: ALERTS });
    const other = await setupStage();
    const refused = slack(() => new Response('no', { status: 403 }));
    expect(await other.setup({ env, vendors: refused.vendors })).toMatchObject({
      code: 1,
      out: expect.stringContaining('ALERT_WEBHOOK_URL in the environment is wrong.'),
    });
  });
});

test('no secret is in the output, in a file, or in an argument', async () => {
  const [stage, given] = [await setupStage(), slack(() => new Response('ok'))];
  const { prompt } = typing(['pit-typed-wrong', KEYS.GHL_API_KEY, KEYS.CALLTOOLS_API_KEY, ALERTS]);
  const { out } = await stage.setup({ env: VALUES, prompt, vendors: given.vendors });
  const files = [CONSUMER_CONFIG, INGEST_CONFIG, RULES_FILE_NAME].map((file) =>
    readFile(join(stage.folder, file), 'utf8'),
  );
  const shown = [out, ...(await Promise.all(files)), ...stage.account.calls.map(({ args }) => args)].join('\n');
  for (const secret of ['pit-typed-wrong', ...GOOD, ALERTS]) expect(shown).not.toContain(secret);
});
