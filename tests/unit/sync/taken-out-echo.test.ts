// Answers to writes, and rows of lists, that show no calls are no word that there was none: only a GET shows that.

import { beforeEach, describe, expect, test } from 'vitest';
import { phoneOf } from '../../support/consumer-harness.ts';
import { IN, OUT, SILENT, type TakenOutStage, takenOutStage } from './taken-out-harness.ts';

const DETAIL = { method: 'GET', path: /\/contacts\/\d+\/$/ };

let stage: TakenOutStage;
beforeEach(async () => {
  stage = await takenOutStage();
  Object.assign(stage.callTools.settings, { callFieldsShown: 'detail', listRowsOmitPhones: false });
});

describe('who said no stays out', () => {
  test('when the data change, by one look at the contact', async () => {
    stage.saidNo();
    await stage.rename();
    stage.callTools.calls.clear();
    await stage.webhook();
    expect([stage.dialed(), stage.reasons()]).toEqual([[], [OUT]]);
    expect(stage.callTools.calls.count(DETAIL)).toBe(1);
  });

  test('when an answer shows the field of a disposition, and nothing in it', async () => {
    stage.saidNo();
    stage.callTools.settings.customFields = [
      ...stage.callTools.settings.customFields,
      { name: 'disposition_id', type: 'text' },
    ];
    await stage.rename();
    await stage.webhook();
    expect([stage.dialed(), stage.reasons()]).toEqual([[], [OUT]]);
  });

  test('on the way to a new number', async () => {
    stage.saidNo();
    await stage.ghl.editContact(stage.id, { phone: phoneOf(6) }, SILENT);
    await stage.webhook();
    expect([stage.dialed(), stage.reasons()]).toEqual([[], [OUT]]);
  });

  test('when its row is found by the number, by one look at the contact', async () => {
    stage.saidNo();
    // What is remembered is the id of a contact that is no longer there.
    stage.sqlite.rows('UPDATE dialer SET calltools_id = 999999');
    await stage.rename();
    stage.callTools.calls.clear();
    await stage.webhook();
    expect([stage.dialed(), stage.reasons()]).toEqual([[], [OUT]]);
    expect(stage.callTools.calls.count({ ...DETAIL, status: 200 })).toBe(1);
  });
});

describe('who was not called', () => {
  test('is put back when the data change', async () => {
    stage.callTools.takeOutByHand(stage.callToolsId());
    await stage.rename();
    await stage.webhook();
    expect([stage.dialed(), stage.reasons()]).toEqual([[phoneOf(0)], [IN]]);
  });

  test('since it was read, called before, and placed, is put back too', async () => {
    stage.callTools.settings.listRowsOmitPhones = true;
    const [other = ''] = await stage.leads(1, 1);
    const { id: made } = stage.callTools.addContactByHand({ mobile_phone_number: phoneOf(1) });
    stage.callTools.call(made, { disposition: 'Not interested', fields: { last_call_outbound: 'long ago' } });
    await stage.webhook(other);
    stage.callTools.takeOutByHand(made);
    await stage.nextNight();
    expect(stage.dialed()).toHaveLength(2);
  });
});

test('a contact that is in its bucket is not looked at, whatever the answer shows', async () => {
  stage.callTools.call(stage.callToolsId(), { disposition: 'Callback' });
  await stage.rename();
  stage.callTools.calls.clear();
  await stage.webhook();
  expect(stage.callTools.calls.list()).toMatchObject([{ method: 'PATCH' }]);
  expect([stage.dialed(), stage.reasons()]).toEqual([[phoneOf(0)], [IN]]);
});

test('an answer that shows calls is enough', async () => {
  stage.callTools.settings.callFieldsShown = 'always';
  stage.saidNo();
  await stage.rename();
  stage.callTools.calls.clear();
  await stage.webhook();
  expect([stage.dialed(), stage.reasons(), stage.callTools.calls.count(DETAIL)]).toEqual([[], [OUT], 0]);
});

test('a contact made by hand in the place of one that was called is new: nobody took that one out', async () => {
  stage.callTools.settings.callFieldsShown = 'always';
  const [other = ''] = await stage.leads(1, 1);
  const { id: called } = stage.callTools.addContactByHand({ mobile_phone_number: phoneOf(1) });
  stage.callTools.call(called, { disposition: 'Callback' });
  await stage.webhook(other);
  stage.callTools.deleteContact(called);
  stage.callTools.addContactByHand({ mobile_phone_number: phoneOf(1) });
  await stage.ghl.editContact(other, { firstName: 'Other' }, SILENT);
  await stage.webhook(other);
  expect([stage.dialed(), stage.reasons()]).toEqual([
    [phoneOf(0), phoneOf(1)],
    [IN, IN],
  ]);
});
