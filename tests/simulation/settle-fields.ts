// What must hold of mapped fields after a history, beyond what CallTools shows: no value is stored or logged, and unmapped fields cost no call.

import { DAY_MS } from '../../shared/time.ts';
import { FORMS } from './field-forms.ts';
import { type Fields, scopesOf } from './fields.ts';
import { operate } from './operate.ts';
import type { Performer } from './perform.ts';
import { changeAccount } from './perform-fields.ts';
import { tellsOfSomebody } from './quotes.ts';
import type { World } from './world.ts';

/** Lists that could not be read, or lacked something, are read again by a run after this. */
const LISTS_AGAIN_MS = 11 * 60_000;

/** One run from its start to its end, and all that comes of it; false where a promise was broken. */
type Run = () => Promise<boolean>;

/** No table names anybody, nor holds a value of a field. */
export function nobodyTold({ sqlite, report }: World): void {
  for (const { name } of sqlite.rows(`SELECT name FROM sqlite_schema WHERE type = 'table'`))
    for (const row of sqlite.rows(`SELECT * FROM ${name}`)) {
      const text = JSON.stringify(row);
      if (tellsOfSomebody(text)) report('told', `${name}: ${text}`);
    }
}

/** Nor does an operator's page, or an alert. */
export async function pagesTellNobody(world: World): Promise<void> {
  if (!world.setup.fields) return;
  world.cron();
  const known = world.sqlite.rows('SELECT contact_id FROM contacts').map(({ contact_id }) => `/contacts/${contact_id}`);
  for (const page of ['/sync/stats', '/dead-letters', '/sync/runs', ...known]) {
    const text = JSON.stringify(await operate(world, 'GET', page));
    if (tellsOfSomebody(text)) world.report('told', `${page}: ${text}`);
  }
}

/** All lists can be read, and everybody is written to who can show what the accounts have got in the meantime. */
export async function fieldsRecover(world: World, performer: Performer): Promise<void> {
  const { setup, gohighlevel, clock } = world;
  // What the rules name is looked up again too.
  if (setup.rules === 'asked') await clock.runTo(clock.now + LISTS_AGAIN_MS);
  if (!setup.fields) return;
  gohighlevel.settings.scopes = scopesOf(setup.fields.scopes === 'granted');
  if (setup.fields.opensUp) openUp(world, setup.fields);
  world.cron();
  await clock.runTo(clock.now + LISTS_AGAIN_MS);
  // CallTools shows a new field in the answer to a write, and nowhere else.
  await performer.perform({ do: 'import', count: 1 });
}

function openUp(world: World, { later, rules }: Fields): void {
  for (const field of ['email', ...rules.map(({ target }) => target)])
    changeAccount(world, { do: 'account', field, how: later.includes(field) ? 'add' : 'loosen' });
}

/** A change of a field that is not mapped, of which no webhook tells, causes no read; one of a mapped field reaches CallTools. */
export async function fieldsAreQuiet(world: World, run: Run): Promise<void> {
  const { setup, report } = world;
  if (!setup.fields || world.violations.length > 0) return;
  const { unmapped, definitions } = setup.fields;
  const [read, written] = [reads(world), writes(world)];
  await fill(world, unmapped, 1);
  if (!(await run())) return;
  if (reads(world) > read || writes(world) > written)
    report('noisy', `a change of custom fields that are not mapped caused ${reads(world) - read} reads`);
  const mapped = definitions.map(({ id }) => id).filter((id) => !unmapped.includes(id));
  await fill(world, mapped, 2);
  if (await run()) await onlyLackingAreWritten(world, run);
}

/** A night in which nothing has changed writes to those who lack a field, and to nobody else. */
async function onlyLackingAreWritten({ clock, callTools, sqlite, report }: World, run: Run): Promise<void> {
  const lacking = sqlite
    .rows('SELECT calltools_id FROM dialer WHERE left_out IS NOT NULL')
    .map((row) => row.calltools_id);
  const before = callTools.calls.count({ method: 'PATCH' });
  await clock.runTo(clock.now + DAY_MS);
  if (!(await run())) return;
  const written = callTools.calls.list({ method: 'PATCH' }).slice(before);
  const whole = written.filter(({ path }) => !lacking.includes(Number(/\/contacts\/(\d+)\//.exec(path)?.[1])));
  if (whole.length > 0) report('noisy', `a night wrote to ${whole[0]?.path}, which lacks nothing`);
}

const reads = ({ gohighlevel }: World) => gohighlevel.calls.count({ method: 'GET', path: '/contacts/' });
const writes = ({ callTools }: World) => callTools.calls.count({ path: '/api/contacts' });

/** Gives these custom fields of everybody another value, without any webhook, and waits until the list shows it. */
async function fill({ gohighlevel, truth, clock, setup }: World, ids: string[], round: number): Promise<void> {
  for (const [index, contact] of gohighlevel.contacts().entries()) {
    const kept = contact.customFields.filter(({ id }) => !ids.includes(id));
    const filled = ids.map((id, at) => ({
      id,
      value: FORMS[(index + at * round) % FORMS.length]?.(30 + index + round).value,
    }));
    await gohighlevel.editContact(contact.id, { customFields: [...kept, ...filled] }, { silent: true });
  }
  truth.note(gohighlevel.contacts(), clock.now);
  await clock.runTo(clock.now + setup.searchLagMs + 1000);
}
