// Nonsense inside a 2xx is the vendor's trouble: it counts as no success, and never as one contact's fault.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mayHaveTakenEffect, VendorError } from '../../../workers/consumer/domain/failure.ts';
import { MAX_ATTEMPTS } from '../../../workers/consumer/domain/retry.ts';
import { createCallMonitor } from '../../../workers/consumer/vendors/circuit-breaker.ts';
import { type BackstopStage, backstopStage, phones } from '../../support/consumer-harness.ts';
import { callToolsStage, failureOf, goHighLevelStage, PHONE } from '../../support/vendor-harness.ts';

const NONSENSE = [
  '{"detail":"Service temporarily unavailable"}',
  '<h1>Sign in</h1>',
  '',
  'null',
  '[]',
  '"ok"',
  '{}',
  '7',
  'true',
  '{"contact":null}',
  '{"contact":{}}',
  '{"contact":{"id":"x"}}',
  '{"contact":[{"id":"x"}]}',
  '{"contacts":null}',
  '{"contacts":{"id":"x"}}',
  '{"results":null}',
  '{"results":{"id":1}}',
  '{"data":{"id":1,"name":"x"}}',
  '[{"id":1,"name":"x"}]',
  '{"id":"1","name":"x"}',
  '{"id":0,"name":"x"}',
  '{"id":-1,"name":"x"}',
  '{"id":1.5,"name":"x"}',
  '{"id":null,"error":"Service temporarily unavailable"}',
  '{"duplicate_contacts":[],"duplicate_action":"MERGE"}',
  '{"duplicate_contacts":[null]}',
  '{"status":"ok","contact":"queued"}',
];
/** Every call of both clients but the writes to GoHighLevel. */
const CALLS: [string, (stage: Stage) => Promise<unknown>][] = [
  ['a contact', ({ ghl }) => ghl.client.read('x')],
  ['a page', ({ ghl }) => ghl.client.search(null, 1)],
  ['a search by id', ({ ghl }) => ghl.client.shows('x')],
  ['a lookup', ({ callTools }) => callTools.client.findByPhone(PHONE, 'contacts')],
  ['a lookup of numbers', ({ callTools }) => callTools.client.findByPhone(PHONE, 'phonenumbers')],
  ['a dialer contact', ({ callTools }) => callTools.client.get(1)],
  ['members', ({ callTools }) => callTools.client.membersOf(1).next()],
  ['a creation', ({ callTools }) => callTools.client.create({})],
  ['a change', ({ callTools }) => callTools.client.update(1, {})],
  ['memberships', ({ callTools }) => callTools.client.bucketsOf(1)],
  ['the labels', ({ callTools }) => callTools.client.labels('tag')],
  ['a new label', ({ callTools }) => callTools.client.createLabel('bucket', 'x')],
  ['the probe', ({ callTools }) => callTools.client.probe()],
];

type Stage = ReturnType<typeof answering>;
function answering(body: string) {
  const monitor = createCallMonitor();
  const meddle = async () => new Response(body);
  return {
    monitor,
    ghl: goHighLevelStage({}, { meddle, guard: monitor.guard('gohighlevel') }),
    callTools: callToolsStage({}, { meddle, guard: monitor.guard('calltools') }),
  };
}

describe.each(CALLS)('%s', (_, call) => {
  test.each(NONSENSE)('answered 200 %s fails for now, and is no success', async (body) => {
    const stage = answering(body);
    const failure = await failureOf(call(stage));
    expect(failure).toMatchObject({ kind: 'transient' });
    expect(mayHaveTakenEffect(new VendorError(failure))).toBe(true);
    expect([[...stage.monitor.ok], [...stage.monitor.worked]]).toEqual([[], []]);
  });
});

/** The writes to GoHighLevel: what they answer is not known in all forms, so only an error in disguise is none of them. */
const WRITES: [string, (stage: Stage) => Promise<unknown>][] = [
  ['tags', ({ ghl }) => ghl.client.addTags('x', ['y'])],
  ['a workflow', ({ ghl }) => ghl.client.startWorkflow('x', 'wf1')],
  ['a note', ({ ghl }) => ghl.client.addNote('x', 'y')],
];

describe.each(WRITES)('%s', (_, call) => {
  test.each([
    ...NONSENSE.filter((body) => /"(detail|error)"/.test(body)),
    '<h1>Sign in</h1>',
    '{"message":"Service temporarily unavailable"}',
    '{"statusCode":500,"message":"Internal server error"}',
  ])('answered 200 %s fails for now, and is no success', async (body) => {
    const stage = answering(body);
    expect(await failureOf(call(stage))).toMatchObject({ kind: 'transient' });
    expect([[...stage.monitor.ok], [...stage.monitor.worked]]).toEqual([[], []]);
  });
});

test('a bucket may answer a change with its row or with nothing; anything else is nonsense', async () => {
  for (const [body, fine] of [
    ['', true],
    ['{"id":1}', true],
    ['{"detail":"busy"}', false],
    ['<p>', false],
    ['[]', false],
  ] as const) {
    const { callTools, monitor } = answering(body);
    const done = await callTools.client.changeBucket(1, { add_contacts: [2] }).then(
      () => true,
      () => false,
    );
    expect([done, monitor.worked.has('calltools')]).toEqual([fine, fine]);
  }
});

test('property: no JSON without the shape of a contact counts as a success of either vendor', async () => {
  const shapeless = fc.jsonValue().filter((json) => !JSON.stringify(json).includes('"id"'));
  await fc.assert(
    fc.asyncProperty(shapeless, async (json) => {
      const stage = answering(JSON.stringify(json));
      for (const call of [() => stage.ghl.client.read('x'), () => stage.callTools.client.get(1)])
        expect(await failureOf(call())).toMatchObject({ kind: 'transient' });
      expect([stage.monitor.ok.size, stage.monitor.worked.size]).toEqual([0, 0]);
    }),
    { numRuns: 50 },
  );
});

const letters = ({ sqlite }: BackstopStage) => sqlite.rows('SELECT contact_id AS id, reason FROM dead_letters');
const circuits = ({ sqlite }: BackstopStage) =>
  sqlite.rows('SELECT vendor, open_kind AS kind FROM circuits WHERE open_reason IS NOT NULL');

describe('a vendor that answers nonsense for a while', () => {
  const BUSY = { kind: 'status', status: 200, body: { detail: 'Service temporarily unavailable' } } as const;

  test.each(['ghl', 'callTools'] as const)(
    '%s: is down, nobody’s attempts are used up, and all is well after it',
    async (name) => {
      const stage = backstopStage();
      const ids = await stage.leads(7);
      stage[name].faults.plan({ do: BUSY });
      for (const id of ids) stage.hint(id);
      await stage.step();
      expect([letters(stage), circuits(stage)]).toEqual([
        [],
        [{ vendor: name === 'ghl' ? 'gohighlevel' : 'calltools', kind: 'down' }],
      ]);
      expect(stage.sqlite.rows('SELECT max(attempts) AS n FROM contacts')).toEqual([{ n: 0 }]);
      stage[name].faults.clear();
      await stage.work();
      expect([stage.dialed(), letters(stage), circuits(stage)]).toEqual([phones(7), [], []]);
    },
  );

  test('a person who asked not to be called leaves the bucket as soon as it is over', async () => {
    const stage = backstopStage();
    const ids = await stage.leads(4);
    for (const id of ids) stage.hint(id);
    await stage.work();
    stage.clock.advance(60_000);
    stage.callTools.faults.plan({ do: BUSY });
    for (const id of ids) {
      await stage.ghl.setDnd(id, { dnd: true }, { silent: true });
      stage.hint(id);
    }
    await stage.step();
    expect(stage.dialed()).toEqual(phones(4));
    stage.callTools.faults.clear();
    await stage.work();
    expect([stage.dialed(), letters(stage)]).toEqual([[], []]);
  });

  test('one contact that is answered so while others succeed is a dead letter once its attempts are used up', async () => {
    const stage = backstopStage();
    const [odd = '', other = ''] = await stage.leads(2);
    let reads = 0;
    stage.hooks.contact = async (id) => {
      if (id !== odd) return undefined;
      reads++;
      return new Response('{"message":"busy"}');
    };
    stage.hint(odd);
    stage.hint(other);
    await stage.work();
    expect([letters(stage), circuits(stage), reads]).toEqual([[{ id: odd, reason: 'exhausted' }], [], MAX_ATTEMPTS]);
    expect(stage.dialed()).toHaveLength(1);
  });

  test('a 400 that says nothing about the contact does the same', async () => {
    const stage = backstopStage();
    const ids = await stage.leads(4);
    stage.callTools.faults.plan({ do: { kind: 'status', status: 400, body: { detail: 'temporarily unavailable' } } });
    for (const id of ids) stage.hint(id);
    await stage.step();
    expect([letters(stage), circuits(stage)]).toEqual([[], [{ vendor: 'calltools', kind: 'down' }]]);
  });
});
