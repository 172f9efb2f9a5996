// Home: how things stand in one sentence, who is where, and what goes on.

import { Calls } from '../calls.js';
import { useDesk } from '../desk.js';
import { Loading, Time } from '../parts.js';
import { linkTo } from '../router.js';
import { html } from '../view.js';
import { clock, counted, number } from '../words.js';
import { Brake, LastDay, SyncsInProgress, useHistory } from './home-work.js';

/** @import { Overview } from '../../shared/api/status.ts' */
/** @import { Action, Cause, People, SetUpStep, VendorInWords, Verdict } from '../../shared/api/verdict.ts' */

/** The page. */
export function Home() {
  const { overview, error } = useDesk();
  const history = useHistory(overview && [overview.people, overview.totals.calls?.today]);
  if (overview === null) return html`<h1>Home</h1>${error === null && html`<${Loading} what="How things stand" />`}`;
  const { verdict, causes, status, setting_up, people, vendors, totals } = overview;
  const names = new Map(overview.all_locations.map(({ id, name }) => [id, name ?? id]));
  return html`
    <${Now} verdict=${verdict} causes=${causes} status=${status} names=${names} />
    <${Brake} brake=${totals.brake} names=${names} />
    ${setting_up && html`<${SettingUp} steps=${setting_up.steps} />`}
    <${Tiles} people=${people} />
    <${SyncsInProgress} runs=${overview.runs} names=${names} />
    <${Vendors} vendors=${vendors} />
    <${LastDay} history=${history} />
    <${Waiting} overview=${overview} />
    <${Fields} totals=${totals} />
    ${hasTrouble(totals.calls) && history.data && html`<${Calls} days=${history.data.days} />`}
    <p class="quiet"><${AsOf} overview=${overview} /></p>
  `;
}

const TONES = { healthy: '', degraded: 'fair', stopped: 'bad' };

/** @param {{ verdict: Verdict, causes: Cause[], status: Overview['status'], names: Map<string, string> }} props */
function Now({ verdict: { title, sentence, since, next, action }, causes, status, names }) {
  // What a person must confirm is no fault, and still not nothing.
  const tone = title === 'Needs you' ? 'fair' : TONES[status];
  return html`<section class=${`card verdict ${tone}`} aria-label="How things stand">
    <h1>${title}</h1>
    <p class="sentence" role="status">${sentence}</p>
    <p>${since !== null && html`<span>Since ${clock(since)} (<${Time} at=${since} />). </span>`}<span class="quiet">${next}</span></p>
    ${action && html`<p><${ToFix} action=${action} main /></p>`}
    <${Causes} causes=${causes} first=${sentence} names=${names} />
  </section>`;
}

/** @param {{ action: Action, main?: boolean }} props */
function ToFix({ action: { label, path }, main = false }) {
  return html`<a class=${main ? 'button main' : 'button'} href=${linkTo(path)}>${label}</a>`;
}

/** All causes with what to do; those that follow from another step back. @param {{ causes: Cause[], first: string, names: Map<string, string> }} props */
function Causes({ causes, first, names }) {
  if (causes.length === 0) return null;
  return html`<ul class="causes" aria-label="Why">
    ${causes.map(({ code, what, what_to_do, location_id, follows_from, action, since }, n) => {
      const where = names.size > 1 && location_id !== null ? `${names.get(location_id) ?? location_id}: ` : '';
      const said = n === 0 && first.endsWith(what);
      return html`<li key=${`${code} ${location_id} ${what}`} class=${follows_from === null ? '' : 'follows'}>
        ${!said && html`${where}${what} `}
        ${n > 0 && since !== null && html`<span class="quiet">Since <${Time} at=${since} />. </span>`}
        <span class="quiet">${what_to_do} </span>
        ${n > 0 && action && html`<a href=${linkTo(action.path)}>${action.label}</a>`}
      </li>`;
    })}
  </ul>`;
}

/** @param {{ steps: SetUpStep[] }} props */
function SettingUp({ steps }) {
  return html`<section class="card" aria-labelledby="setting-up">
    <h2 id="setting-up">Setting up</h2>
    <ol class="steps">
      ${steps.map(
        ({ code, done, what, what_to_do, action }) => html`<li key=${code} class=${done ? 'done' : ''}>
          <i aria-hidden="true"></i>
          <div>
            <p><span class="hidden">${done ? 'Done: ' : 'To do: '}</span>${what}</p>
            ${!done && html`<p class="quiet">${what_to_do} ${action && html`<a href=${linkTo(action.path)}>${action.label}</a>`}</p>`}
          </div>
        </li>`,
      )}
    </ol>
  </section>`;
}

/** Each number leads to its list. @param {{ people: People }} props */
function Tiles({ people: { in_dialer, kept_out, waiting, needs_you } }) {
  return html`<nav class="tiles" aria-label="Who is where">
    <${Tile} n=${in_dialer} name="in the dialer" to="/contacts?state=placed" />
    <${Tile} n=${kept_out} name="kept out" to="/contacts?state=kept_out" />
    <${Tile} n=${waiting} name="waiting" to="/contacts?state=pending" />
    <${Tile} n=${needs_you} name=${needs_you === 1 ? 'needs you' : 'need you'} to="/failed" tone="bad" />
  </nav>`;
}

/** @param {{ n: number, name: string, to: string, tone?: string }} props */
function Tile({ n, name, to, tone = '' }) {
  return html`<a class=${`tile ${n === 0 ? 'zero' : tone}`} href=${linkTo(to)}><b>${number(n)}</b><span>${name}</span></a>`;
}

const VENDORS = { gohighlevel: 'GoHighLevel', calltools: 'CallTools' };
const VENDOR_TONES = { well: '', refused: 'bad', down: 'bad', throttled: 'fair', not_asked_yet: 'quiet' };

/** @param {{ vendors: VendorInWords[] }} props */
function Vendors({ vendors }) {
  return html`<section class="card" aria-labelledby="vendors">
    <h2 id="vendors">Both systems</h2>
    <dl class="facts">
      ${vendors.map(({ vendor, state, sentence }) => html`<dt>${VENDORS[vendor]}</dt><dd class=${VENDOR_TONES[state]}>${sentence}</dd>`)}
    </dl>
  </section>`;
}

const QUEUES = new Map([
  ['contact-events', 'Change notices'],
  ['contact-backstop', 'Contacts of a sync'],
  ['contact-dead-letters', 'Failures on their way to the list'],
]);

/** Messages that wait; nothing where none does. @param {{ overview: Overview }} props */
function Waiting({ overview: { queues, totals } }) {
  const rows = queues.flatMap(({ queue, waiting, oldest_age_seconds, minutes_at_most, expected_finish }) => {
    if (waiting === null || waiting === 0) return [];
    return [{ name: QUEUES.get(queue) ?? queue, waiting, oldest_age_seconds, minutes_at_most, expected_finish }];
  });
  const { depth, oldest_age_seconds } = totals.outbox;
  const outbox = { minutes_at_most: null, expected_finish: null };
  if (depth > 0) rows.push({ name: 'Outbox', waiting: depth, oldest_age_seconds, ...outbox });
  if (rows.length === 0) return null;
  return html`<section class="card" aria-labelledby="queued">
    <h2 id="queued">What is queued</h2>
    <dl class="facts">${rows.map(({ name, ...row }) => html`<dt>${name}</dt><dd><${Queued} ...${row} /></dd>`)}</dl>
  </section>`;
}

/** @param {{ waiting: number, oldest_age_seconds: number | null, minutes_at_most: number | null, expected_finish: string | null }} props */
function Queued({ waiting, oldest_age_seconds, minutes_at_most, expected_finish }) {
  const oldest =
    (oldest_age_seconds ?? 0) > 60
      ? `, the oldest for ${counted(Math.floor((oldest_age_seconds ?? 0) / 60), 'minute')}`
      : '';
  if (expected_finish !== null) return html`${number(waiting)}${oldest}; done <${Time} at=${expected_finish} />`;
  const most = (minutes_at_most ?? 0) > 1 ? `; done in at most ${counted(minutes_at_most ?? 0, 'minute')}` : '';
  return html`${number(waiting)}${oldest}${most}`;
}

/** What CallTools does not take of the contacts' data; nothing where it takes all. @param {{ totals: Overview['totals'] }} props */
function Fields({ totals: { left_out, fields } }) {
  const refused = Object.entries(left_out.fields);
  if (refused.length + fields.absent.length + fields.altered.length === 0) return null;
  return html`<section class="card" aria-labelledby="fields">
    <h2 id="fields">Fields that CallTools does not take</h2>
    <p class="quiet">These contacts are dialed all the same.</p>
    <dl class="facts">
      ${refused.map(([field, n]) => {
        const example = left_out.examples[field];
        return html`<dt><code>${field}</code></dt><dd>its value was refused for ${counted(n, 'contact')}${example !== undefined && html`, such as <a href=${linkTo(`/contacts/${example}`)}>${example}</a>`}</dd>`;
      })}
      ${fields.absent.map((field) => html`<dt><code>${field}</code></dt><dd>your CallTools account has no such field, so its values are lost</dd>`)}
      ${fields.altered.map((field) => html`<dt><code>${field}</code></dt><dd>kept otherwise than it was sent, or not at all</dd>`)}
    </dl>
  </section>`;
}

/** What calls said stands under Activity; here only while it cannot be read or carried over. @param {Overview['totals']['calls']} calls */
function hasTrouble(calls) {
  return calls !== null && (calls.failure !== null || calls.write_failure !== null);
}

/** @param {{ overview: Overview }} props */
function AsOf({ overview: { at, contacts_counted_at, totals, backstop } }) {
  const age = Math.round((Date.parse(at) - Date.parse(contacts_counted_at)) / 1000);
  const next = backstop.flatMap(({ next_at }) => next_at ?? []).sort()[0];
  return html`${counted(totals.total_contacts, 'contact')} of GoHighLevel known here.
    ${age > 0 && html` Counted <${Time} at=${contacts_counted_at} />: a long list is counted less often.`}
    ${next !== undefined && html` The next sync starts <${Time} at=${next} />.`}`;
}
