// Whether a number stays held back after a batch: what ends the hold, what moves it to another route, and what it goes along with.

import { describe, expect, test } from 'vitest';
import { ECHO_MS } from '../../../workers/consumer/domain/calls/writes.ts';
import type { Combined, Decision, Hold, Intent, Reason } from '../../../workers/consumer/domain/decide.ts';
import type { ContactRow, DialerRow } from '../../../workers/consumer/store/claim.ts';
import { heldBack, holdAfter, routeOf } from '../../../workers/consumer/sync/hold.ts';
import type { Task } from '../../../workers/consumer/sync/work.ts';
import { contactRow, decisionOf, dialerRow, hintOf, RULES, taskOf } from '../../support/batch-harness.ts';

const AT = 1_000_000;
const TAKEN_OUT: Hold = { reason: 'taken_out_in_calltools', route: 'cold', at: AT };
const SAID_NO: Hold = { reason: 'said_no', route: 'cold', at: AT };
const OUT: Combined = { kind: 'out', doNotContact: false };
const placedBy = (route: 'cold' | 'warm'): Combined => ({
  kind: 'place',
  primary: 'one',
  priority: route === 'cold' ? 1 : 2,
});
const UNASKED: Task = { ...taskOf({ contactId: 'two' }), unasked: true };
const placing = (route: 'cold' | 'warm') => decisionOf('place', { route, priority: route === 'cold' ? 1 : 2 });

interface Situation {
  hold?: Hold | null;
  row?: Partial<DialerRow>;
  contact?: Partial<ContactRow>;
  decision?: Decision;
  phoneHash?: string | null;
  task?: Partial<Task>;
  combined?: Combined;
  /** Contact "two" has the number too, and wants this. */
  other?: [Intent, number];
  /** Rows of other numbers in hand. */
  others?: DialerRow[];
  /** Other contacts in hand that have the number. */
  beside?: Task[];
}

/** The hold on the number "p" after a batch with contact "one" in hand. */
function holdWhen(situation: Situation): Hold | null {
  const { hold = TAKEN_OUT, contact = {}, decision = placing('cold'), phoneHash = 'p' } = situation;
  const { others = [], beside = [] } = situation;
  const row = dialerRow({ hold, ...situation.row });
  const task = { ...taskOf({ decision, phoneHash, row: contactRow(contact) }), ...situation.task };
  const { combined = decision.intent === 'place' ? placedBy(decision.route as 'cold') : OUT } = situation;
  const [intent, priority] = situation.other ?? ['none', -1];
  return holdAfter({
    row,
    tasks: [task, ...beside],
    intents: [{ contactId: 'two', intent, priority }],
    combined,
    dialer: new Map([row, ...others].map((one) => [one.phoneHash, one])),
    rules: RULES,
  });
}

describe('what the contacts of a number want', () => {
  test('has a route where it is placed by one that exists', () => {
    expect(routeOf(placedBy('warm'), RULES)).toBe('warm');
    expect(routeOf(OUT, RULES)).toBeNull();
    expect(routeOf({ kind: 'place', primary: 'one', priority: 9 }, RULES)).toBeNull();
  });

  test('is held back only where it is placed and there is a hold', () => {
    expect(heldBack(placedBy('cold'), null)).toEqual(placedBy('cold'));
    expect(heldBack(OUT, SAID_NO)).toEqual(OUT);
    expect(heldBack(placedBy('cold'), SAID_NO)).toEqual({ ...OUT, hold: 'said_no' });
    expect(heldBack(placedBy('cold'), TAKEN_OUT)).toEqual({ ...OUT, hold: 'taken_out_in_calltools' });
  });
});

describe('a number that is placed', () => {
  test.each<[string, Situation, Hold | null]>([
    ['is not held where it was not', { hold: null }, null],
    ['stays held under the same route', {}, TAKEN_OUT],
    ['is free under another route', { decision: placing('warm') }, null],
    ['stays held under the same route where a person said no', { hold: SAID_NO }, SAID_NO],
    [
      'is held under another route where a person said no and nothing has changed since',
      { hold: SAID_NO, decision: placing('warm') },
      { ...SAID_NO, route: 'warm' },
    ],
    [
      'is held by the route that follows one that is not in the rules',
      { hold: { ...TAKEN_OUT, route: 'old' } },
      TAKEN_OUT,
    ],
    [
      'is held as before by a route that is not in the rules while nothing was read',
      { hold: { ...TAKEN_OUT, route: 'old' }, task: { unasked: true } },
      { ...TAKEN_OUT, route: 'old' },
    ],
    [
      'is held by the route that follows where only one of its contacts was not read',
      { hold: { ...TAKEN_OUT, route: 'old' }, beside: [UNASKED] },
      TAKEN_OUT,
    ],
    [
      'is free under the route of a contact that is not in hand',
      { decision: decisionOf('none', { reason: 'deleted' }), combined: placedBy('warm'), other: ['place', 2] },
      null,
    ],
    [
      'is free under another route while a contact behind that one has the same route still',
      { hold: { ...TAKEN_OUT, route: 'warm' }, other: ['place', 2] },
      null,
    ],
  ])('%s', (_, situation, hold) => {
    expect(holdWhen(situation)).toEqual(hold);
  });
});

describe('a number that nobody wants to place', () => {
  const out = decisionOf('out', { route: 'customer', priority: 0 });
  const because = (reason: Reason) => decisionOf('none', { reason });

  test.each<[string, Situation]>([
    ['its contact has another route', { decision: out }],
    ['its contact has no route', { decision: decisionOf('none') }],
    ['its contact has no route, and left the number while it is still shown there', { decision: out, phoneHash: 'q' }],
    ['its contact has no route, and is not shown there', { decision: out, row: { contactId: 'two' } }],
    ['another contact would be placed by another route', { decision: out, other: ['place', 2] }],
    ['another contact has the same route, and is kept out', { decision: out, other: ['out', 1] }],
  ])('is free: %s', (_, situation) => {
    expect(holdWhen({ combined: OUT, ...situation })).toBeNull();
  });

  test.each<[string, Situation]>([
    [
      'its contact has the same route still',
      { decision: decisionOf('none', { reason: 'not_permitted', route: 'cold' }) },
    ],
    ['its contact was deleted', { decision: because('deleted') }],
    ['only a webhook says that it is out', { decision: because('webhook_said_out') }],
    ['its route is in doubt', { decision: because('rule_in_doubt') }],
    ['what could not be read may make it another route', { decision: { ...out, inDoubt: true } }],
    ['its contact was not read', { decision: out, task: { unasked: true } }],
    ['its contact has left it, and is not shown there', { decision: out, phoneHash: 'q', row: { contactId: 'two' } }],
    ['another contact would be placed by the same route', { decision: out, other: ['place', 1] }],
    ['the route is not in the rules', { decision: out, hold: { ...TAKEN_OUT, route: 'old' } }],
  ])('stays held: %s', (_, situation) => {
    const { hold = TAKEN_OUT } = situation;
    expect(holdWhen({ combined: OUT, ...situation })).toEqual(hold);
  });
});

describe('after a call that said no, a new route ends the hold', () => {
  const later = AT + 60_000;
  const tags = hintOf('one', { eventType: 'ContactTagUpdate', receivedAt: later });
  const update = hintOf('one', { receivedAt: later });
  const events = (...of: Task['work']['events']) => ({ work: { ...taskOf().work, events: of } });
  const read: Situation = { hold: SAID_NO, decision: placing('warm'), contact: { readAt: later } };
  const told: Situation = { hold: SAID_NO, decision: placing('warm'), task: events(tags) };
  const ended = (situation: Situation) => holdWhen(situation) === null;

  test.each<[string, Situation, boolean]>([
    ['the contact was read since', read, true],
    ['as far as clocks can tell', { ...read, contact: { readAt: AT + 5001 } }, true],
    ['but not where clocks may differ', { ...read, contact: { readAt: AT + 5000 } }, false],
    ['the webhook came since', told, true],
    ['as far as clocks can tell it did', { ...told, task: events({ ...tags, receivedAt: AT + 5001 }) }, true],
    ['but not a webhook where clocks may differ', { ...told, task: events({ ...tags, receivedAt: AT + 5000 }) }, false],
    ['one of its webhooks says what changed', { ...told, task: events(update, tags) }, true],
    ['none of them does', { ...told, task: events(update, update) }, false],
    ['one of them came before', { ...told, task: events(tags, { ...tags, receivedAt: AT }) }, false],
    ['one of them is no webhook', { ...told, task: events(tags, { ...tags, source: 'backstop' }) }, false],
    ['a workflow says so', { ...told, task: events({ ...update, source: 'workflow' }) }, true],
    ['our own tag may have caused the webhook', { ...told, contact: { tagsWrittenAt: later - ECHO_MS + 1 } }, false],
    ['our own tag is too old for that', { ...told, contact: { tagsWrittenAt: later - ECHO_MS } }, true],
    ['the contact had the route before', { ...read, contact: { readAt: later, route: 'warm' } }, false],
    [
      'the contact has the old route, and another one leads',
      { ...read, contact: { readAt: later, route: 'warm' }, decision: placing('cold'), combined: placedBy('warm') },
      false,
    ],
    ['it was deleted before', { ...read, contact: { readAt: later, reason: 'deleted' } }, false],
    [
      'only a webhook had said that it was out',
      { ...read, contact: { readAt: later, reason: 'webhook_said_out' } },
      false,
    ],
    ['it was kept out by a route before', { ...read, contact: { readAt: later, reason: 'route' } }, true],
    ['it has failed since', { ...read, contact: { readAt: later, attempts: 1 } }, false],
    ['it is a failed contact', { ...read, contact: { readAt: later, state: 'failed' } }, false],
    ['it had another number, and is shown here', { ...read, contact: { readAt: later, phoneHash: 'q' } }, true],
    [
      'it has come to the number since',
      { ...read, contact: { readAt: later, phoneHash: 'q' }, row: { contactId: 'two' } },
      false,
    ],
    ['another contact with the number has not changed', { ...read, beside: [UNASKED] }, true],
    ['another number in hand is not held', { ...read, others: [dialerRow({ phoneHash: 'r' })] }, true],
    ['it has the number, and another one is shown', { ...read, row: { contactId: 'two' } }, true],
  ])('%s', (_, situation, ends) => {
    expect(ended(situation)).toBe(ends);
  });

  test('a contact from a number that only a person took out says nothing of the call', () => {
    const from = dialerRow({ phoneHash: 'q', hold: { ...TAKEN_OUT, route: 'warm' } });
    const moved: Situation = { ...read, contact: { readAt: later, phoneHash: 'q' }, row: { contactId: 'two' } };
    expect(holdWhen({ ...moved, others: [from] })).toEqual({ ...SAID_NO, route: 'warm' });
    expect(holdWhen({ ...moved, others: [{ ...from, hold: { ...SAID_NO, route: 'old' } }] })?.reason).toBe('said_no');
  });
});

describe('a hold that goes along to a new number', () => {
  const fresh = { hold: null, contact: { phoneHash: 'q' } };
  const other = (changes: Partial<DialerRow>) =>
    dialerRow({ phoneHash: 'r', contactId: 'three', hold: TAKEN_OUT, ...changes });

  test.each<[string, Situation, boolean]>([
    ['is that of the number that the contact had', { others: [other({ phoneHash: 'q' })] }, true],
    ['is that of a number under which it is shown', { others: [other({ contactId: 'one' })] }, true],
    ['is that of the contact, which had no number', { contact: { phoneHash: null, hold: TAKEN_OUT } }, true],
    ['is not that of a stranger’s number', { others: [other({})] }, false],
    ['does not go where the contact does not go', { phoneHash: 'r', others: [other({ phoneHash: 'q' })] }, false],
    [
      'does not go with a contact that is not to be dialed',
      { decision: decisionOf('none', { reason: 'deleted' }), others: [other({ phoneHash: 'q' })] },
      false,
    ],
    ['is nothing where that number is not held', { others: [other({ phoneHash: 'q', hold: null })] }, false],
    ['ends on the way under another route', { decision: placing('warm'), others: [other({ phoneHash: 'q' })] }, false],
  ])('%s', (_, situation, along) => {
    expect(holdWhen({ ...fresh, ...situation })).toEqual(along ? TAKEN_OUT : null);
  });

  test('comes after the hold on the new number itself', () => {
    const own: Hold = { ...TAKEN_OUT, at: AT + 1 };
    expect(holdWhen({ ...fresh, hold: own, others: [other({ phoneHash: 'q' })] })).toEqual(own);
    const over: Hold = { ...own, route: 'warm' };
    expect(holdWhen({ ...fresh, hold: over, others: [other({ phoneHash: 'q' })] })).toEqual(TAKEN_OUT);
  });
});
