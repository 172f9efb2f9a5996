// The kit sees each possible answer of each assumption, says what follows from it, and leaves nothing behind.

import { describe, expect, test } from 'vitest';
import { ASSUMPTIONS } from '../../../../scripts/conformance/assumptions.ts';
import { run } from '../../../../scripts/conformance/run.ts';
import { createStage, rehearse } from '../../../../scripts/conformance/sandbox.ts';

const CASES = ASSUMPTIONS.flatMap((assumption) =>
  Object.entries(assumption.answers).map(([key, answer]) => ({ id: assumption.id, key, answer, assumption })),
);

test.each(CASES)('$id: $key', async ({ key, answer, assumption }) => {
  const stage = createStage(answer.sandbox);
  const { findings, stays } = await run({ ...stage, assumptions: [assumption] });
  const result = answer.holds ? 'holds' : 'does not hold';
  expect(findings).toMatchObject([{ answer: key, result, seen: answer.seen, todo: answer.todo }]);
  const mayDelete = answer.sandbox.callTools?.mayDelete !== false;
  expect([stays, stage.left()]).toEqual(mayDelete ? [[], 0] : [['contact in CallTools'], 1]);
});

test('the same command tells each of them', async () => {
  const rehearsals = await rehearse(ASSUMPTIONS);
  expect(rehearsals.map(({ finding, planned }) => `${finding.id} ${planned}`)).toEqual(
    CASES.map(({ id, key }) => `${id} ${key}`),
  );
  expect(rehearsals.filter(({ isAsPlanned }) => !isAsPlanned)).toEqual([]);
});

test('an account that answers otherwise than planned is noticed', async () => {
  const [assumption] = ASSUMPTIONS.filter(({ id }) => id === 'ct-duplicates');
  if (assumption === undefined) throw new Error('there is no such assumption');
  const [answer] = Object.values(assumption.answers);
  if (answer === undefined) throw new Error('it has no answer');
  const lying = { ...answer, sandbox: { callTools: { duplicateMode: 'create' as const } } };
  const [rehearsal] = await rehearse([{ ...assumption, answers: { ...assumption.answers, merged: lying } }]);
  expect(rehearsal).toMatchObject({ planned: 'merged', isAsPlanned: false, finding: { answer: 'second' } });
});

describe('what cannot be told is not tried, and says why', () => {
  test.each([
    [
      'without the scope to write',
      { ghl: { scopes: ['contacts.readonly'] } },
      'ghl-tag-form',
      /answered 401.*contacts\.write/,
    ],
    [
      'where GoHighLevel is down',
      { instead: () => ({ status: 503, json: null }) },
      'ghl-stages',
      /^GoHighLevel answered 503\.$/,
    ],
    [
      'where the number is taken',
      { callTools: { listRowsOmitPhones: true } },
      'ct-dates',
      /Name another number with --phone/,
    ],
    [
      'where do-not-contact is not kept',
      { callTools: { doNotContactWrite: 'ignored' } },
      'ct-membership',
      /put into no bucket/,
    ],
  ] as const)('%s', async (name, account, id, why) => {
    const stage = createStage(account as Parameters<typeof createStage>[0]);
    if (/taken/.test(name)) stage.callTools.addContactByHand({ mobile_phone_number: stage.settings.phone });
    const { findings } = await run({ ...stage, assumptions: ASSUMPTIONS.filter((one) => one.id === id) });
    expect(findings).toMatchObject([
      { result: 'not tried', answer: null, todo: null, seen: expect.stringMatching(why) },
    ]);
  });
});
