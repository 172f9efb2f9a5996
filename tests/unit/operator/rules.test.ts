// Rules that are tried through the operator's routes: on tags, on a contact, and on the whole list. Nothing is written.

import { describe, expect, test } from 'vitest';
import { openSqlite } from '../../../sandbox/d1-sqlite.ts';
import type { RulesPreviewLine, RulesTested } from '../../../shared/api/rules.ts';
import { backstopStage } from '../../support/consumer-harness.ts';
import {
  ask,
  dataOf,
  expectProblem,
  LOCATION,
  locationsOf,
  NOW,
  operatorDeps,
  seedContact,
} from '../../support/operator-harness.ts';

const RULES = { routes: [{ name: 'warm', tags: ['warm lead'], state: ['FL'], bucket: 'Warm' }] };
const DANA = {
  firstName: 'Dana',
  lastName: 'Reyes',
  phone: '(305) 555-0142',
  email: 'dana@example.com',
  state: 'Florida',
};
const TEST = '/api/v1/rules/test';
const PREVIEW = '/api/v1/rules/preview';

const db = () => openSqlite().bind(async (act) => act());

describe('both routes', () => {
  test.each([TEST, PREVIEW])('%s names every mistake of faulty rules', async (path) => {
    const { deps } = operatorDeps(db());
    const faulty = {
      routes: [
        { name: 'a', tag: ['x'], bucket: 'A' },
        { name: 'b', tags: [], bucket: 7 },
      ],
    };
    const all =
      /^rules: route "a": "tag" is not known\. Did you mean tags .*; route "b", tags: must not be.*; route "b", bucket: must be text/;
    await expectProblem(await ask(path, deps, { ...(path === TEST && { tags: [] }), rules: faulty }), 422, all);
    const text = '{ "routes": [\n}';
    await expectProblem(
      await ask(path, deps, { ...(path === TEST && { tags: [] }), rules: text }),
      422,
      /^rules, line 2/,
    );
  });

  test.each<[string, unknown, RegExp]>([
    [TEST, '{', /not JSON/],
    [TEST, {}, /either tags or a contact_id/],
    [TEST, { tags: [], contact_id: 'a' }, /either tags or a contact_id/],
    [TEST, { tags: 'x' }, /^The body field tags /],
    [TEST, { contact_id: 'no id' }, /^The body field contact_id must be/],
    [TEST, { tags: [], rule: {} }, /must be of this form/],
    [PREVIEW, {}, /of this form/],
    [PREVIEW, { rules: 7 }, /^The body field rules must be/],
    [PREVIEW, `{"rules":"${'x'.repeat(300_000)}"}`, /too long/],
  ])('%s refuses %j', async (path, body, detail) => {
    await expectProblem(await ask(path, operatorDeps(db()).deps, body), 400, detail);
  });

  test('want one location, and one whose settings are right', async () => {
    const two = operatorDeps(db(), { locations: await locationsOf(['one', 'two']) }).deps;
    for (const [path, body] of [
      [TEST, { contact_id: 'a' }],
      [PREVIEW, { rules: RULES }],
    ] as const)
      await expectProblem(await ask(path, two, body), 400, /name one/);
    const faulty = operatorDeps(db(), { locations: await locationsOf(['one'], { SYNC_RULES: 'x' }) }).deps;
    await expectProblem(await ask(TEST, faulty, { tags: ['a'] }), 503, /Correct this setting.*SYNC_RULES/);
    expect(await dataOf(ask(TEST, faulty, { tags: ['a'], rules: RULES }))).toMatchObject({ rules: 'given' });
  });
});

test('tags are tried under the deployed rules, and under given ones', async () => {
  const { deps } = operatorDeps(db());
  expect(await dataOf(ask(TEST, deps, { tags: ['Cold  Lead'] }))).toMatchObject({
    outcome: 'placed',
    route: 'cold-lead',
    rules: 'deployed',
    location_id: LOCATION,
    contact_id: null,
  });
  expect(await dataOf(ask(TEST, deps, { tags: ['warm lead'], rules: RULES }))).toMatchObject({
    outcome: 'depends',
    rules: 'given',
  });
});

describe('a contact', () => {
  const tried = async (fields: object, body: object = { rules: RULES }) => {
    const stage = backstopStage();
    const { id } = await stage.ghl.addContact({ ...DANA, ...fields }, { silent: true });
    const before = stage.statements.length;
    const answer = await stage.fetch('POST', TEST, { contact_id: id, ...body });
    const text = await answer.text();
    expect(stage.statements.slice(before).filter((sql) => !sql.trimStart().startsWith('SELECT'))).toEqual([]);
    expect(stage.log).toEqual([]);
    for (const value of Object.values(DANA)) expect(text).not.toContain(value);
    return (JSON.parse(text) as { data: RulesTested }).data;
  };

  test('is read now, and each condition judged, without a value of it', async () => {
    expect(await tried({ tags: ['warm lead'] })).toMatchObject({
      outcome: 'placed',
      reason: null,
      route: 'warm',
      bucket: 'Warm',
      rules: 'given',
      routes: [
        { name: 'opt-out tags', verdict: 'no' },
        {
          name: 'warm',
          verdict: 'yes',
          conditions: [
            { condition: 'tags', verdict: 'yes' },
            { condition: 'state', verdict: 'yes' },
          ],
        },
      ],
      notes: [],
    });
  });

  test('is judged by the deployed rules where none are given', async () => {
    expect(await tried({ tags: ['cold lead', 'customer'] }, {})).toMatchObject({
      outcome: 'kept_out',
      reason: 'route',
      rules: 'deployed',
      explanation: 'The route customer keeps it out of the dialer.',
    });
  });

  test('that is on do-not-disturb, or misses a requirement, is kept out and told so', async () => {
    expect(await tried({ tags: ['warm lead'], dnd: true })).toMatchObject({ outcome: 'kept_out', reason: 'dnd' });
    const rules = { ...RULES, require: { custom: { 'contact.typo': ['yes'] } } };
    expect(await tried({ tags: ['warm lead'] }, { rules })).toMatchObject({
      outcome: 'kept_out',
      reason: 'not_permitted',
      explanation: expect.stringMatching(/require.*The condition: custom contact\.typo\.$/),
      require: [{ condition: 'custom contact.typo', verdict: 'doubt' }],
      notes: [expect.stringContaining('contact.typo')],
    });
  });

  test('has its opportunities read where a rule depends on them', async () => {
    const rules = { routes: [{ name: 'won', opportunity: { status: 'won' }, bucket: null }, ...RULES.routes] };
    const { routes, outcome } = await tried({ tags: ['warm lead'] }, { rules });
    expect([outcome, routes[1]]).toMatchObject(['placed', { name: 'won', verdict: 'no' }]);
  });

  test('that GoHighLevel does not have, or cannot show, is told so', async () => {
    const stage = backstopStage();
    await expectProblem(
      await stage.fetch('POST', TEST, { contact_id: 'nobody00000000000000' }),
      404,
      /no such contact/,
    );
    stage.ghl.faults.plan({ do: { kind: 'html500' }, times: 99 });
    await expectProblem(
      await stage.fetch('POST', TEST, { contact_id: 'nobody00000000000000' }),
      503,
      /could not be read/,
    );
  });

  test.each(['the rules', 'the fields'])('of another location is not shown: %s', async (what) => {
    const stage = backstopStage();
    const { id } = await stage.ghl.addContact({ ...DANA, tags: ['warm lead'] }, { silent: true });
    stage.hooks.contact = async () =>
      Response.json({ contact: { id, locationId: 'another', phone: DANA.phone, tags: ['warm lead'], dnd: true } });
    const answer =
      what === 'the rules'
        ? stage.fetch('POST', TEST, { contact_id: id, rules: RULES })
        : stage.fetch('GET', `/contacts/${id}/fields`);
    await expectProblem(await answer, 503, /contacts of another location/);
  });

  test('that something beside the rules keeps out is told so', async () => {
    const base = db();
    await seedContact(base, 'lead', { state: 'kept_out', reason: 'said_no' });
    const test = {
      outcome: 'placed',
      reason: null,
      route: 'a',
      bucket: 'A',
      explanation: '',
      routes: [],
      require: [],
      notes: [],
    } as const;
    const { deps } = operatorDeps(base, {
      testContact: async () => ({ kind: 'tested', test: { ...test, routes: [], require: [], notes: [] } }),
    });
    const { notes } = await dataOf<RulesTested>(ask(TEST, deps, { contact_id: 'lead' }));
    expect(notes).toEqual([expect.stringMatching(/^Beside the rules.*said no in a call/)]);
  });
});

describe('a preview', () => {
  const linesOf = async (answer: Response) =>
    (await answer.text())
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as RulesPreviewLine);

  test('is a line a page and the result, compared with what the pipeline has done, and writes nothing', async () => {
    const stage = backstopStage({ env: { BACKSTOP_PAGE_SIZE: '2' } });
    const [first = ''] = await stage.leads(3);
    await stage.night();
    const { id } = await stage.ghl.addContact({ ...DANA, tags: ['warm lead'] }, { silent: true });
    const before = stage.statements.length;
    const writes = stage.writes();
    const answer = await stage.fetch('POST', PREVIEW, { rules: RULES });
    expect(answer.headers.get('content-type')).toBe('application/x-ndjson');
    const lines = await linesOf(answer);
    expect(lines.map(({ event }) => event)).toEqual(['progress', 'progress', 'progress', 'result']);
    expect(lines[0]).toEqual({ event: 'progress', contacts: 2, total: 4 });
    expect(lines.at(-1)).toMatchObject({
      result: {
        contacts: 4,
        complete: true,
        goes_out: [
          {
            contacts: 3,
            examples: [first, expect.any(String), expect.any(String)],
            from: { bucket: 'Cold Leads' },
            to: { reason: 'no_route' },
          },
        ],
        comes_in: [{ contacts: 1, examples: [id], from: { reason: 'not_known' }, to: { bucket: 'Warm' } }],
      },
    });
    expect(stage.writes()).toBe(writes);
    expect(stage.statements.slice(before).filter((sql) => !sql.trimStart().startsWith('SELECT'))).toEqual([]);
  });

  test('is not begun while GoHighLevel refuses us or asked to slow down', async () => {
    const base = db();
    await base
      .prepare(
        `INSERT INTO circuits (location_id, vendor, throttled_until, updated_at) VALUES (?1, 'gohighlevel', ?2, 0)`,
      )
      .bind(LOCATION, NOW + 30_000)
      .run();
    const answer = await ask(PREVIEW, operatorDeps(base).deps, { rules: RULES });
    expect(answer.headers.get('retry-after')).toBe('30');
    await expectProblem(answer, 503, /asked to slow down/);
  });

  test('ends where the client goes away', async () => {
    let made = 0;
    let ended = false;
    const { deps } = operatorDeps(db(), {
      async *previewRules() {
        try {
          for (;;) yield { event: 'progress', contacts: ++made, total: null };
        } finally {
          ended = true;
        }
      },
    });
    const reader = (await ask(PREVIEW, deps, { rules: RULES })).body?.getReader();
    await reader?.read();
    await reader?.cancel();
    expect([ended, made < 5]).toEqual([true, true]);
  });
});
