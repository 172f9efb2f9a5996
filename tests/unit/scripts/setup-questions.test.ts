// What the set-up asks besides keys and fields: silo, country, region, domain, rules. Each is asked once, and has an option.

import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CONSUMER_CONFIG, INGEST_CONFIG, read, readValue, saveValue } from '../../../scripts/setup/config-file.ts';
import type { Choice, Prompt } from '../../../scripts/setup/prompt.ts';
import { QUESTIONS } from '../../../scripts/setup/questions/answers.ts';
import { RULES_FILE_NAME } from '../../../workers/consumer/config/settings.ts';
import { accounts, silos } from './setup-accounts.ts';
import { KEYS, person, setupStage, VALUES } from './setup-harness.ts';

const { GHL_LOCATION_ID } = VALUES;

/** A person who chooses this wherever the question has these words in it, and notes what was offered. */
function choosing(words: string, value: string, more: Partial<Prompt> = {}) {
  const offered: Choice[] = [];
  const prompt = person({
    choose: async (question, choices, fallback) => {
      if (!question.includes(words)) return fallback ?? choices.at(-1)?.value ?? '';
      offered.push(...choices);
      return value;
    },
    ...more,
  });
  return { offered, prompt };
}

const created = (stage: Awaited<ReturnType<typeof setupStage>>) =>
  stage.account.calls.map(({ args }) => args).filter((args) => args.startsWith('d1 create'));

describe('the silo', () => {
  test.each([
    ['names', ['east-1', 'west-2']],
    [
      'rows',
      {
        results: [
          { id: 1, subdomain: 'east-1.calltools.io' },
          { id: 2, subdomain: 'west-2.calltools.io' },
        ],
      },
    ],
  ])('is offered from CallTools’ own list, whatever its form: %s', async (_form, body) => {
    const [stage, given] = [await setupStage(), accounts(silos(body))];
    const { offered, prompt } = choosing('CallTools silo', 'https://west-2.calltools.io');
    await stage.setup({ env: { ...KEYS, GHL_LOCATION_ID }, prompt, vendors: given.vendors });
    expect(offered.map(({ label }) => label)).toEqual([
      'east-1.calltools.io',
      'west-2.calltools.io',
      'Another address',
    ]);
    expect(await readValue(stage.folder, CONSUMER_CONFIG, 'CALLTOOLS_BASE_URL')).toBe('https://west-2.calltools.io');
  });

  test('is asked for in words where the list cannot be read, or does not have it', async () => {
    const ask = async (question: string, fallback = '') =>
      question.includes('CallTools address') ? 'east-1.calltools.io' : fallback;
    for (const given of [accounts(), accounts(silos('no list'))]) {
      const stage = await setupStage();
      await stage.setup({ env: { ...KEYS, GHL_LOCATION_ID }, prompt: person({ ask }), vendors: given.vendors });
      expect(await readValue(stage.folder, CONSUMER_CONFIG, 'CALLTOOLS_BASE_URL')).toBe('https://east-1.calltools.io');
    }
  });
});

describe('the region of the database', () => {
  test.each([
    ['eu', 'd1 create contact-pipeline --jurisdiction eu --update-config=false'],
    ['weur', 'd1 create contact-pipeline --location weur --update-config=false'],
    ['auto', 'd1 create contact-pipeline --update-config=false'],
  ])('%s reaches wrangler, typed or as an option', async (region, args) => {
    const [typed, given] = [await setupStage(), await setupStage()];
    await typed.setup({ prompt: choosing('database', region).prompt });
    await given.setup({ options: { answers: { region } } });
    expect([created(typed), created(given)]).toEqual([[args], [args]]);
  });

  test('is not asked for where there is a database', async () => {
    const stage = await setupStage({ databases: [{ name: 'contact-pipeline', uuid: 'theirs' }] });
    const { offered, prompt } = choosing('database', 'eu');
    const { out } = await stage.setup({ prompt });
    expect([offered, created(stage)]).toEqual([[], []]);
    expect(out).toContain('The database stays where it is.');
  });

  test('that there is not is refused', async () => {
    const stage = await setupStage();
    expect(await stage.script(['--region', 'moon'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('choices'),
    });
  });
});

describe('the address of ingest', () => {
  const HOST = 'contacts.example.com';
  const routes = (folder: string) => read(folder, INGEST_CONFIG, ['routes']);

  test('is a domain of one’s own, by default; then nothing is open at workers.dev', async () => {
    const stage = await setupStage();
    const answers = ['https://contacts.example.com/x', 'me.workers.dev', 'contacts', ` ${HOST.toUpperCase()} `];
    const asking = async (question: string, fallback = '') =>
      question.includes('Host name') ? (answers.shift() ?? '') : fallback;
    const { offered, prompt } = choosing('webhooks arrive', 'own', { ask: asking });
    const { out } = await stage.setup({ prompt });
    expect([offered[0]?.hint, answers]).toEqual(['recommended: WAF and rate limits', []]);
    expect(await routes(stage.folder)).toEqual([{ pattern: HOST, custom_domain: true }]);
    expect(await read(stage.folder, INGEST_CONFIG, ['workers_dev'])).toBe(false);
    expect(await readValue(stage.folder, CONSUMER_CONFIG, 'DASHBOARD_URL')).toBe(`https://${HOST}`);
    const deploys = stage.account.calls.filter(({ args }) => args.startsWith(`deploy -c ${CONSUMER_CONFIG}`));
    expect(deploys).toHaveLength(1);
    expect(out).toContain(`    https://${HOST}/webhook/ghl\n`);
    expect(out).toContain(`    http.host eq "${HOST}" and not starts_with(http.request.uri.path, "/webhook/")`);
    expect(out.trimEnd().endsWith(`    https://${HOST}/`)).toBe(true);
  });

  test('moves by an option only, and the old one stays open meanwhile', async () => {
    const stage = await setupStage();
    await stage.setup({ options: { answers: { domain: 'workers.dev' } } });
    await saveValue(stage.folder, INGEST_CONFIG, ['routes'], ['other.example.com/*']);
    const { offered, prompt } = choosing('webhooks arrive', 'own');
    await stage.setup({ prompt });
    expect(offered).toEqual([]);
    const { out } = await stage.setup({ options: { answers: { domain: HOST } } });
    expect(out).toContain('stays open until workers_dev is false');
    expect(await routes(stage.folder)).toEqual([
      { pattern: 'other.example.com/*' },
      { pattern: HOST, custom_domain: true },
    ]);
    expect(await read(stage.folder, INGEST_CONFIG, ['workers_dev'])).toBe(true);
  });

  test('that is none ends it', async () => {
    const stage = await setupStage();
    const { code, out } = await stage.setup({ options: { answers: { domain: 'https://x.example.com' } } });
    expect([code, out]).toEqual([1, expect.stringContaining('That is no host name of your own')]);
  });
});

describe('the country', () => {
  test('is asked once, with the present one as its default', async () => {
    const stage = await setupStage();
    const asked: [string, string | undefined][] = [];
    const ask = async (question: string, fallback?: string) => {
      asked.push([question, fallback]);
      return 'ca';
    };
    await stage.setup({ prompt: person({ ask }) });
    await stage.setup({ prompt: person({ ask }) });
    expect(asked).toEqual([[expect.stringContaining('Country of phone numbers'), 'US']]);
    expect(await readValue(stage.folder, CONSUMER_CONFIG, 'DEFAULT_COUNTRY')).toBe('CA');
  });

  test('of an option goes before that of the environment; one that there is not ends it', async () => {
    const stage = await setupStage();
    const env = { ...VALUES, ...KEYS, DEFAULT_COUNTRY: 'MX' };
    await stage.setup({ env, options: { answers: { country: 'GB' } } });
    expect(await readValue(stage.folder, CONSUMER_CONFIG, 'DEFAULT_COUNTRY')).toBe('GB');
    const { code, out } = await stage.setup({ env: { ...env, DEFAULT_COUNTRY: 'Utopia' } });
    expect([code, out]).toEqual([1, expect.stringContaining('must be a two-letter country code')]);
  });
});

describe('rules that are faulty', () => {
  const faulty = (folder: string) => writeFile(join(folder, RULES_FILE_NAME), '{ "routes": [{ "tag": "x" }] }');

  test('stop it before anything is made', async () => {
    const stage = await setupStage();
    await faulty(stage.folder);
    const { code, out } = await stage.setup();
    expect([code, out]).toEqual([1, expect.stringMatching(/rules\.jsonc[\s\S]*Nothing is deployed with that/)]);
    expect([stage.account.queues, stage.account.workers, stage.account.databases]).toEqual([{}, {}, []]);
  });

  test('may be corrected meanwhile: then it goes on', async () => {
    const stage = await setupStage();
    const sound = await stage.config(RULES_FILE_NAME);
    await faulty(stage.folder);
    const confirm = async (question: string, fallback = true) => {
      if (question.includes('Look again')) await writeFile(join(stage.folder, RULES_FILE_NAME), sound);
      return fallback || question.includes('Take it all the same');
    };
    expect((await stage.setup({ prompt: person({ confirm }) })).code).toBe(0);
    await faulty(stage.folder);
    const refusing = async (question: string) => !question.includes('Look again');
    expect((await stage.setup({ prompt: person({ confirm: refusing }) })).code).toBe(1);
  });
});

test('the set-up guide has every question, with its option', () => {
  const guide = readFileSync('docs/set-up.md', 'utf8');
  for (const { flags } of Object.values(QUESTIONS)) expect(guide).toContain(`\`${flags.split(' ')[0]}`);
});
