// The first look: is the pipeline healthy, where are the contacts, what waits.

import { byId, make, show } from './dom.js';
import { clock, number, plain, span } from './words.js';

/** @import { Overview } from '../shared/api/status.ts' */

const STATUS = {
  healthy: 'Healthy',
  degraded: 'Degraded',
  stopped: 'Stopped',
};

/** @param {Overview} overview */
export function showNow({ status, causes, all_locations, totals, contacts_counted_at, queues, at }) {
  byId('status').className = status;
  show(byId('status'), STATUS[status], (text) => [text]);
  const names = new Map(all_locations.map(({ id, name }) => [id, name ?? id]));
  const several = all_locations.length > 1;
  show(byId('causes'), { causes, several }, () =>
    causes.map(({ what, what_to_do, location_id, follows_from }) => {
      const where = several && location_id !== null ? `${names.get(location_id) ?? location_id}: ` : '';
      const className = follows_from === null ? '' : 'follows';
      return make('li', { className }, `${where}${what} `, make('span', { className: 'quiet' }, what_to_do));
    }),
  );
  showTotals(totals);
  show(byId('queues'), { queues, outbox: totals.outbox }, () => [
    ...queues.map(({ queue, waiting, oldest_age_seconds, minutes_at_most, expected_finish }) => {
      const most = (minutes_at_most ?? 0) > 1 ? `, empty in at most ${number(minutes_at_most ?? 0)} min` : '';
      const left = expected_finish === null ? most : `, done at about ${clock(expected_finish)}`;
      const known = waiting === null ? 'not known' : `${waitingFor(waiting, oldest_age_seconds)}${left}`;
      return tile(QUEUES.get(queue) ?? queue, known);
    }),
    tile('Outbox', waitingFor(totals.outbox.depth, totals.outbox.oldest_age_seconds)),
  ]);
  const age = Math.round((Date.parse(at) - Date.parse(contacts_counted_at)) / 1000);
  const counted = age > 0 ? ` Contacts were counted ${span(age)} earlier: large lists are counted less often.` : '';
  byId('as-of').textContent = `As of ${clock(at)}. Updated every few seconds.${counted}`;
}

const QUEUES = new Map([
  ['contact-events', 'Webhooks'],
  ['contact-backstop', 'Nightly sync'],
  ['contact-dead-letters', 'Failed contacts'],
]);

/** @param {Overview['totals']} totals */
function showTotals(totals) {
  const { total_contacts, synced, pending, failed, kept_out, failed_by_reason, dead_letters, left_out, fields } =
    totals;
  const out = Object.values(kept_out).reduce((sum, n) => sum + n, 0);
  show(byId('totals'), [total_contacts, synced, out, pending, failed, dead_letters], () => [
    tile('Contacts tracked', number(total_contacts)),
    tile('In the dialer', number(synced)),
    tile('Kept out', number(out)),
    tile('Pending', number(pending)),
    tile('Failed', number(failed)),
    tile('To replay or discard', number(dead_letters)),
  ]);
  const refused = Object.entries(left_out.fields).map(([field, n]) => {
    const example = left_out.examples[field];
    return `${field} (${number(n)}${example === undefined ? '' : `, such as contact ${example}`})`;
  });
  show(byId('reasons'), { kept_out, failed_by_reason, left_out, fields }, () => [
    whyLine('Kept out because of', kept_out),
    whyLine('Failed because of', failed_by_reason),
    fieldLine('In the dialer without a field whose value CallTools refused', refused),
    fieldLine('Not fields of your CallTools account, so these values are lost', fields.absent),
    fieldLine('Kept by CallTools otherwise than sent, or not at all', fields.altered),
  ]);
}

/**
 * @param {string} start
 * @param {Record<string, number>} byReason
 */
function whyLine(start, byReason) {
  const reasons = Object.entries(byReason).sort(([, a], [, b]) => b - a);
  if (reasons.length === 0) return null;
  const list = reasons.map(([reason, n]) => `${plain(reason)} ${number(n)}`).join(', ');
  return make('p', { className: 'quiet' }, `${start}: ${list}.`);
}

/**
 * @param {string} start
 * @param {string[]} fields
 */
function fieldLine(start, fields) {
  return fields.length === 0 ? null : make('p', { className: 'quiet' }, `${start}: ${fields.join(', ')}.`);
}

/**
 * @param {number} n
 * @param {number | null} oldestSeconds
 */
function waitingFor(n, oldestSeconds) {
  return n > 0 && oldestSeconds !== null ? `${number(n)} (oldest: ${span(oldestSeconds)})` : number(n);
}

/**
 * @param {string} name
 * @param {string} value
 */
function tile(name, value) {
  return make('div', {}, make('dt', {}, name), make('dd', {}, value));
}
