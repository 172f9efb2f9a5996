// What CALL_RESULTS writes to GoHighLevel: read as people write it, and nothing is written that could undo a hold.

import { describe, expect, test } from 'vitest';
import { parseCallResults } from '../../../../workers/consumer/domain/calls/setting.ts';
import {
  NO_WRITES,
  noteOf,
  stepsOf,
  tagsWritten,
  writesFor,
} from '../../../../workers/consumer/domain/calls/writes.ts';
import { FILE_RULES } from '../../../support/rules.ts';

const NAMED = { dispositions: ['Appointment Set'] };
const WRITES = { tags: [' dialer: appointment '], dnd: 'call', workflow: 'wf_1-A', note: true };

/** CALL_RESULTS beside the default routes. */
const read = (setting: object) => {
  const calls = parseCallResults(setting, FILE_RULES);
  if (calls === null) throw new Error('it is set');
  return calls;
};

describe('what is written', () => {
  const calls = read({ results: [{ ...NAMED, ...WRITES }], otherwise: { tags: ['Dialer: Called'] } });

  test('is read, and follows the entry that names the disposition', () => {
    const writes = { tags: ['dialer: appointment'], dnd: true, workflow: 'wf_1-A', note: true };
    expect(calls.results).toEqual([{ ...NAMED, hold: false, writes }]);
    expect(writesFor('appointment  SET', calls)).toEqual(writes);
    expect(stepsOf(writes)).toEqual(['tags', 'dnd', 'workflow', 'note']);
  });

  test('of a disposition that no entry names is what "otherwise" says', () => {
    expect(writesFor('No Answer', calls)).toEqual({ ...NO_WRITES, tags: ['Dialer: Called'] });
    expect(stepsOf(writesFor('No Answer', calls))).toEqual(['tags']);
    expect(writesFor('No Answer', read({ results: [{ ...NAMED, hold: true }] }))).toEqual(NO_WRITES);
  });

  test('of an entry without writes, and of a disposition without a name, is nothing', () => {
    const some = read({ results: [{ ...NAMED, hold: true }], otherwise: { tags: ['dialer: called'] } });
    expect([writesFor('Appointment Set', some), writesFor('', some)]).toEqual([NO_WRITES, NO_WRITES]);
  });

  test('all tags, as tags are compared', () => {
    expect([...tagsWritten(calls)]).toEqual(['dialer: appointment', 'dialer: called']);
    expect([...tagsWritten(null)]).toEqual([]);
  });

  test('a note tells of the disposition and the minute', () => {
    expect(noteOf('Appointment Set', Date.UTC(2026, 10, 29, 10, 2, 59))).toBe(
      'Dialer: Appointment Set on 2026-11-29 10:02 UTC',
    );
  });
});

describe('what is refused', () => {
  const ROUTE = 'and a change of route ends a hold. Choose a tag that no route matches';
  test.each<[string, object]>([
    ['.results.0.tags: must be a list of tags, and not empty', { ...NAMED, tags: 'called' }],
    ['.results.0.tags: must be a list of tags, and not empty', { ...NAMED, tags: [] }],
    ['.results.0.tags: must hold tags of 1 to 100 characters', { ...NAMED, tags: [' '] }],
    ['.results.0.tags: must hold at most 20 tags', { ...NAMED, tags: Array.from({ length: 21 }, (_, n) => `t${n}`) }],
    [
      `.results.0.tags: "Cold Lead" belongs to the route cold-lead of the rules, ${ROUTE}`,
      { ...NAMED, tags: ['Cold Lead'] },
    ],
    [
      `.results.0.tags: "dialer: won" belongs to the route customer of the rules, ${ROUTE}`,
      { ...NAMED, tags: ['fine', 'dialer: won'] },
    ],
    ['.results.0.dnd: must be "call": no other channel is ever written', { ...NAMED, dnd: true }],
    [
      '.results.0.workflow: must be the id of a workflow: letters and digits, as in its address',
      { ...NAMED, workflow: 'Send a text' },
    ],
    [
      '.results.0.note: must be true, or be left out. Words of the call are never read',
      { ...NAMED, note: 'with words' },
    ],
    ['.results.0.hold: must be true, or be left out', { ...NAMED, hold: false, note: true }],
  ])('%s', (message, entry) => {
    expect(() => read({ results: [entry] })).toThrow(new Error(`CALL_RESULTS${message}`));
  });

  test.each<[string, unknown]>([
    [': must be an object such as {"tags": ["dialer: called"]}', true],
    ['.hold: is not possible: "No Answer" too would keep people out. Name the dispositions', { hold: true }],
    [': needs "tags", "dnd", "workflow" or "note", or nothing would follow from it', {}],
    [': "tag" is not known. Did you mean tags? It may hold tags, dnd, workflow, note', { tag: ['x'] }],
    [`.tags: "client" belongs to the route customer of the rules, ${ROUTE}`, { tags: ['client'] }],
  ])('otherwise%s', (message, otherwise) => {
    expect(() => read({ otherwise })).toThrow(new Error(`CALL_RESULTS.otherwise${message}`));
  });
});
