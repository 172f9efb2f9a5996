// What the kit writes: only what the person agrees to, to nobody but its own test contacts, and all of it is removed, whatever happens.

import { describe, expect, test } from 'vitest';
import { createAsking } from '../../../../scripts/conformance/asking.ts';
import { ASSUMPTIONS } from '../../../../scripts/conformance/assumptions.ts';
import { run } from '../../../../scripts/conformance/run.ts';
import { createStage } from '../../../../scripts/conformance/sandbox.ts';
import type { Asked, SandboxAccount } from '../../../../scripts/conformance/sandbox-account.ts';

const isWrite = ({ method, path }: Pick<Asked, 'method' | 'path'>) => method !== 'GET' && path !== '/contacts/search';

const NEVER = new AbortController().signal;

/** A pair of accounts whose calls are noted, and each of which `on` may act on. */
function stageOf(
  account: SandboxAccount = {},
  on: (asked: Asked, calls: number) => ReturnType<NonNullable<SandboxAccount['instead']>> = () => undefined,
) {
  const calls: Asked[] = [];
  const instead = (asked: Asked) => {
    calls.push(asked);
    return on(asked, calls.length) ?? account.instead?.(asked);
  };
  const stage = createStage({ ...account, instead });
  const before = { ghl: stage.ghl.contacts(), callTools: stage.callTools.contacts() };
  return { stage, calls, before };
}

/** A person who answers so. */
function person(answer: (question: string) => string | Promise<string>, stop = NEVER) {
  const questions: string[] = [];
  const prompt = {
    ask: async () => '',
    choose: async (question: string) => {
      questions.push(question);
      return answer(question);
    },
  };
  return { questions, asking: createAsking({ prompt, readOnly: false, say: () => {}, stop }) };
}

test('all of it on one pair of accounts: all is told, and nothing stays or is changed', async () => {
  const { stage, before } = stageOf({ person: 'yes' });
  const { findings, stays, isInterrupted } = await run({ ...stage, assumptions: ASSUMPTIONS });
  expect(findings.filter(({ result }) => result === 'not tried').map(({ id }) => id)).toEqual(['ct-campaigns']);
  expect([stays, isInterrupted]).toEqual([[], false]);
  expect([stage.ghl.contacts(), stage.callTools.contacts()]).toEqual([before.ghl, before.callTools]);
  expect(stage.callTools.bucketNamed('Conformance Test')).toBeUndefined();
});

test('each write is asked for first, and says to which system it goes', async () => {
  let asked = 0;
  const unasked: string[] = [];
  const { questions, asking } = person(() => 'yes');
  const { stage } = stageOf({}, ({ method, path, body }) => {
    // Of its own accord the kit only takes away, or back, what it was allowed to put there.
    const isRemoval = method === 'DELETE' || /remove_(buckets|contacts)/.test(JSON.stringify(body));
    const isRestored = body?.mobile_phone_number === stage.settings.phone && Object.keys(body).length === 1;
    // Thrown here, a failure would be taken for a call without an answer.
    if (isWrite({ method, path }) && !isRemoval && !isRestored && questions.length !== ++asked)
      unasked.push(`${method} ${path}`);
    return undefined;
  });
  await run({ ...stage, assumptions: ASSUMPTIONS, asking });
  expect([unasked, asked]).toEqual([[], questions.length]);
  expect(questions.length).toBeGreaterThan(10);
  expect(questions.every((question) => /^(GoHighLevel|CallTools): [A-Z].*\.$/.test(question))).toBe(true);
});

test.each(['no', 'read only'])('%s: nothing is written, and what needs it is not tried', async (how) => {
  const { stage, calls } = stageOf();
  const asking =
    how === 'no'
      ? person(() => 'no').asking
      : createAsking({ prompt: null, readOnly: true, say: () => {}, stop: NEVER });
  const { findings, stays } = await run({ ...stage, assumptions: ASSUMPTIONS, asking });
  expect(calls.filter(isWrite)).toEqual([]);
  expect(stays).toEqual([]);
  const [tag] = findings.filter(({ id }) => id === 'ghl-tag-form');
  expect(tag).toMatchObject({ result: 'not tried', seen: expect.stringMatching(/^It needs a write/) });
});

test('a person who has agreed to all is asked no more', async () => {
  const { stage } = stageOf();
  const { questions, asking } = person(() => 'all');
  const { findings } = await run({ ...stage, assumptions: ASSUMPTIONS, asking });
  expect(questions.length).toBe(1);
  expect(findings.filter(({ result }) => result !== 'not tried').length).toBeGreaterThan(35);
});

test('the test contacts are blocked for calls in both systems from their first write on, and false is never sent', async () => {
  const { stage, calls } = stageOf();
  await run({ ...stage, assumptions: ASSUMPTIONS });
  const created = calls.filter(({ method, path }) => method === 'POST' && path === '/contacts/');
  expect(created.length).toBeGreaterThan(1);
  for (const { vendor, body } of created)
    expect(body).toMatchObject(vendor === 'calltools' ? { do_not_contact: true } : { dnd: true });
  for (const { body } of calls) expect([true, undefined]).toContain(body?.do_not_contact);
});

test('it writes to nobody else', async () => {
  const { stage, calls, before } = stageOf();
  const others = [...before.ghl, ...before.callTools].map(({ id }) => String(id));
  await run({ ...stage, assumptions: ASSUMPTIONS });
  expect(calls.filter(isWrite).filter(({ path }) => others.some((id) => path.split('/').includes(id)))).toEqual([]);
});

describe('whatever happens, what can be removed is removed', () => {
  /** Calls of a whole run. */
  async function length(): Promise<number> {
    const { stage, calls } = stageOf();
    await run({ ...stage, assumptions: ASSUMPTIONS });
    return calls.length;
  }

  test('ended at any call', async () => {
    const all = await length();
    for (let at = 1; at <= all; at++) {
      const stop = new AbortController();
      const { stage, before } = stageOf({}, (_, calls) => void (calls === at && stop.abort()));
      const { stays, isInterrupted } = await run({ ...stage, assumptions: ASSUMPTIONS, stop: stop.signal });
      expect([at, stays, stage.ghl.contacts().length, stage.callTools.contacts().length]).toEqual([
        ...[at, []],
        before.ghl.length,
        before.callTools.length,
      ]);
      expect([at, stage.callTools.bucketNamed('Conformance Test')]).toEqual([at, undefined]);
      // The last call may have been the last of all.
      expect(isInterrupted || at > all - 5).toBe(true);
    }
  });

  test('ended while a question waits for its answer', async () => {
    const stop = new AbortController();
    const { stage, before } = stageOf();
    let questions = 0;
    const { asking } = person(() => {
      if (++questions < 10) return 'yes';
      stop.abort();
      return new Promise<never>(() => {});
    }, stop.signal);
    const { stays, isInterrupted } = await run({ ...stage, assumptions: ASSUMPTIONS, asking, stop: stop.signal });
    expect([stays, isInterrupted]).toEqual([[], true]);
    expect([stage.ghl.contacts(), stage.callTools.contacts()]).toEqual([before.ghl, before.callTools]);
  });

  test('ended by Ctrl-C in the middle of a question', async () => {
    const { stage, before } = stageOf();
    let questions = 0;
    const { asking } = person(() => {
      if (++questions < 10) return 'yes';
      throw new DOMException('The person ended it.', 'AbortError');
    });
    const { stays, isInterrupted } = await run({ ...stage, assumptions: ASSUMPTIONS, asking });
    expect([stays, isInterrupted]).toEqual([[], true]);
    expect([stage.ghl.contacts(), stage.callTools.contacts()]).toEqual([before.ghl, before.callTools]);
  });

  test('any one call fails, unless its answer would have said what is there', async () => {
    const all = await length();
    for (let at = 1; at <= all; at++) {
      let failed: Asked | undefined;
      const { stage, before } = stageOf({}, (asked, calls) => {
        if (calls !== at) return undefined;
        failed = asked;
        return { status: 500, json: null };
      });
      const { stays } = await run({ ...stage, assumptions: ASSUMPTIONS });
      const left = [
        stage.ghl.contacts().length - before.ghl.length,
        stage.callTools.contacts().length - before.callTools.length,
      ];
      const bucket = stage.callTools.bucketNamed('Conformance Test');
      if (stays.length === 0) expect([at, ...left, bucket]).toEqual([at, 0, 0, undefined]);
      else
        expect([at, failed]).toEqual([at, expect.objectContaining({ method: expect.stringMatching(/POST|DELETE/) })]);
    }
  });

  test('a contact that may not be deleted is in no bucket, and blocked', async () => {
    const { stage } = stageOf({ callTools: { mayDelete: false } });
    const { stays } = await run({ ...stage, assumptions: ASSUMPTIONS });
    expect(stays).toEqual(['contact in CallTools', 'bucket in CallTools']);
    const [contact] = stage.callTools.withPhone(stage.settings.phone);
    expect(contact).toMatchObject({ doNotContact: true, buckets: [] });
  });

  test('the answer to a creation is lost: it is said that a contact may be there', async () => {
    const { stage } = stageOf({}, ({ vendor, method, path }) =>
      vendor === 'calltools' && method === 'POST' && path === '/contacts/' ? { status: 502, json: null } : undefined,
    );
    const { stays } = await run({ ...stage, assumptions: ASSUMPTIONS });
    expect(stays).toEqual(['perhaps a contact in CallTools']);
  });

  test('the number is refused, and the person does not agree to a contact without it: nothing is said to stay', async () => {
    const { stage } = stageOf({
      instead: ({ body }) =>
        body?.mobile_phone_number ? { status: 400, json: { mobile_phone_number: ['No.'] } } : undefined,
    });
    const { asking } = person((question) => (question.includes('without the number') ? 'no' : 'yes'));
    const { stays } = await run({ ...stage, assumptions: ASSUMPTIONS.filter(({ id }) => id === 'ct-dates'), asking });
    expect(stays).toEqual([]);
  });

  test('ended while a vendor throttles: the call is not sent again', async () => {
    const stop = new AbortController();
    const { stage, calls } = stageOf({}, () => {
      stop.abort();
      return { status: 429, json: null };
    });
    const { isInterrupted } = await run({ ...stage, assumptions: ASSUMPTIONS, stop: stop.signal });
    expect([calls.length, isInterrupted]).toEqual([1, true]);
  });

  test('a second creation that CallTools merged into a contact of somebody else, without a time: that one is not deleted', async () => {
    let creations = 0;
    const { stage, calls } = stageOf({}, ({ vendor, method, path }) =>
      vendor === 'calltools' && method === 'POST' && path === '/contacts/' && ++creations === 2
        ? { status: 200, json: { id: 7 } }
        : undefined,
    );
    const { stays } = await run({ ...stage, assumptions: ASSUMPTIONS.filter(({ id }) => id === 'ct-duplicates') });
    expect(stays).toEqual(['its name and do-not-contact on a contact that CallTools had before']);
    expect(calls.filter(({ path }) => path === '/contacts/7/')).toEqual([]);
  });

  test.each(['merge', 'merge-and-show'] as const)(
    'a contact of somebody else, into which CallTools merged the test contact, is not deleted, and it is said: %s',
    async (duplicateMode) => {
      // Its filter hides whom CallTools has.
      const { stage, calls } = stageOf({ callTools: { duplicateMode } }, ({ method, path, query }) =>
        method === 'GET' && path === '/contacts/' && query.has('phone_number')
          ? { status: 200, json: { count: 0, results: [] } }
          : undefined,
      );
      stage.callTools.addContactByHand({ mobile_phone_number: stage.settings.phone });
      await stage.world.wait(2 * 3_600_000);
      const { stays } = await run({ ...stage, assumptions: ASSUMPTIONS });
      expect(stays).toEqual(['its name and do-not-contact on a contact that CallTools had before']);
      expect(stage.callTools.withPhone(stage.settings.phone).length).toBe(1);
      const deleted = calls.filter(({ vendor, method }) => vendor === 'calltools' && method === 'DELETE');
      expect(deleted.filter(({ path }) => path.startsWith('/contacts/'))).toEqual([]);
    },
  );
});
