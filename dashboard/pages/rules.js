// Rules: which contact goes where, and how many do. New ones can be tried on a contact, and on all of them, before they are deployed.

import { says, send } from '../api.js';
import { useDesk } from '../desk.js';
import { Empty, Loaded, Table } from '../parts.js';
import { usePoll } from '../poll.js';
import { linkTo } from '../router.js';
import { html, useState } from '../view.js';
import { counted, number } from '../words.js';
import { Preview } from './rules-preview.js';

/** @import { DeployedRoute, DeployedRules, JudgedCondition, JudgedRoute, RuleCondition, RulesTested } from '../../shared/api/rules.ts' */

/** Counting reads every contact, so it is not repeated as often as other answers. */
const EVERY_MS = 30_000;

/** The page. */
export function Rules() {
  const { location, overview } = useDesk();
  /** @type {import('../poll.js').Poll<DeployedRules[]>} */
  const poll = usePoll('/api/v1/rules', { location }, { everyMs: EVERY_MS });
  const several = (overview?.all_locations.length ?? 0) > 1;
  const isOpen = several && location === null;
  return html`<h1>Rules</h1>
    <${Loaded} poll=${poll} what="Reading the rules">${(/** @type {DeployedRules[]} */ all) =>
      all.length === 0
        ? html`<${Empty} title="There is no location yet">The <a href=${linkTo('/check-up')}>check-up</a> says what is missing.<//>`
        : all.map((rules) => html`<${Deployed} key=${rules.location_id} rules=${rules} several=${several} />`)}<//>
    ${isOpen ? html`<p class="note">To try rules, choose a location at the top.</p>` : html`<${Tester} key=${location} location=${location} /><${Preview} key=${`preview ${location}`} location=${location} />`}`;
}

/** @param {{ rules: DeployedRules, several: boolean }} props */
function Deployed({ rules, several }) {
  const { location_id, location_name, fault, from, routes, require, former_routes } = rules;
  return html`<section class="card" aria-labelledby=${`rules-${location_id}`}>
    <h2 id=${`rules-${location_id}`}>Deployed rules${several && ` of ${location_name ?? location_id}`}</h2>
    ${
      fault === null
        ? html`<p>The first route that matches a contact decides. The rules stand in <code>${from}</code>.</p>`
        : html`<div class="note bad"><p><strong>No contact is processed, because the settings cannot be used.</strong> ${fault}</p></div>
          <p>Correct it and deploy again (npm run setup). Then the work goes on by itself, and nothing is lost.</p>`
    }
    ${routes.map(({ name, never_matches }) => never_matches !== null && html`<p key=${name} class="note fair">${never_matches.replace(/^r/, 'R')}.</p>`)}
    ${routes.length > 0 && html`<${Table} caption="Routes" columns=${columnsOf(rules, several)} rows=${routes} keyOf=${(/** @type {DeployedRoute} */ { name }) => name} />`}
    ${require.length > 0 && html`<p>Who is dialed must also meet this: ${require.map(({ asks }) => asks).join(', and ')}.</p>`}
    ${former_routes.map(({ name, contacts }) => html`<p key=${name} class="quiet">${counted(contacts, 'contact')} had the route ${name}, which the rules no longer have. The next sync looks at them again.</p>`)}
  </section>`;
}

/** @param {DeployedRules} rules @param {boolean} several */
function columnsOf({ location_id, routes }, several) {
  const place = several ? location_id : '';
  /** @param {string} name @param {'placed' | 'kept_out' | 'pending' | 'failed'} state */
  const count = (name, state) => ({
    name,
    number: true,
    cell: (/** @type {DeployedRoute} */ { name: route, contacts }) =>
      html`<${Count} n=${contacts[state]} to=${addressOf(route, state, place)} />`,
  });
  const isAny = (/** @type {'pending' | 'failed'} */ state) => routes.some(({ contacts }) => contacts[state] > 0);
  return [
    { name: 'Route', cell: (/** @type {DeployedRoute} */ route) => html`<${RouteName} route=${route} />` },
    {
      name: 'Leads to',
      cell: (/** @type {DeployedRoute} */ { bucket, calltools_tag }) => leadsTo(bucket, calltools_tag),
    },
    { name: 'If the contact has', cell: (/** @type {DeployedRoute} */ { conditions }) => inWords(conditions) },
    count('In the dialer', 'placed'),
    count('Kept out', 'kept_out'),
    ...(isAny('pending') ? [count('Waiting', 'pending')] : []),
    ...(isAny('failed') ? [count('Failed', 'failed')] : []),
  ];
}

/** @param {{ n: number, to: string }} props */
function Count({ n, to }) {
  return n === 0 ? html`<span class="quiet">0</span>` : html`<a href=${linkTo(to)}>${number(n)}</a>`;
}

/** @param {string} route @param {string} state @param {string} place */
function addressOf(route, state, place) {
  return `/contacts?${new URLSearchParams({ route, state, ...(place !== '' && { location: place }) })}`;
}

/** @param {{ route: DeployedRoute }} props */
function RouteName({ route: { name, never_matches } }) {
  return html`<strong>${name}</strong>${never_matches !== null && html` <span class="fair">never matches</span>`}`;
}

/** @param {string | null} bucket @param {string | null} [tag] */
function leadsTo(bucket, tag = null) {
  if (bucket === null) return 'out of the dialer';
  return tag === null ? bucket : `${bucket} (tag ${tag})`;
}

/** @param {RuleCondition[]} conditions */
function inWords(conditions) {
  return conditions.map(({ asks }) => asks).join(', and ');
}

/** @param {{ location: string | null }} props */
function Tester({ location }) {
  const [result, setResult] = useState(
    /** @type {{ tested: RulesTested } | { error: string } | 'asked' | null} */ (null),
  );
  const test = async (/** @type {object} */ body) => {
    setResult('asked');
    try {
      setResult({ tested: await send('/api/v1/rules/test', body, { location }) });
    } catch (error) {
      setResult({ error: says(error) });
    }
  };
  const byTags = (/** @type {string} */ text) =>
    test({ tags: text.split(',').flatMap((tag) => (tag.trim() === '' ? [] : [tag.trim()])) });
  return html`<section class="card" aria-labelledby="tester">
    <h2 id="tester">What would the rules do?</h2>
    <p class="quiet">Nothing is written. A contact is read from GoHighLevel now.</p>
    <div class="row">
      <${Ask} label="Tags, with commas between them" button="Test these tags" onAsk=${byTags} />
      <${Ask} label="Or the id of a contact" button="Test this contact" onAsk=${(/** @type {string} */ id) => test({ contact_id: id })} />
    </div>
    <div role="status">${result === 'asked' && html`<p>Looking…</p>`}${result !== null && typeof result === 'object' && 'tested' in result && html`<${Outcome} tested=${result.tested} />`}</div>
    ${result !== null && typeof result === 'object' && 'error' in result && html`<p class="bad" role="alert">${result.error}</p>`}
  </section>`;
}

/** @param {{ label: string, button: string, onAsk: (text: string) => void }} props */
function Ask({ label, button, onAsk }) {
  const [text, setText] = useState('');
  const submit = (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    if (text.trim() !== '') onAsk(text.trim());
  };
  return html`<form onSubmit=${submit} class="row">
    <label>${label} <input value=${text} onInput=${(/** @type {Event & { currentTarget: HTMLInputElement }} */ { currentTarget }) => setText(currentTarget.value)} autocomplete="off" spellcheck="false" required /></label>
    <button type="submit">${button}</button>
  </form>`;
}

const OUTCOMES = { placed: 'It is dialed.', kept_out: 'It is not dialed.', depends: 'Tags alone do not decide it.' };
const VERDICTS = { yes: 'matches', no: 'does not match', unknown: 'open', doubt: 'in doubt' };

/** @param {{ tested: RulesTested }} props */
function Outcome({ tested }) {
  const { outcome, explanation, contact_id, routes, require, notes, route: decided } = tested;
  const deciding = routes.find(({ name }) => name === decided);
  return html`<p><strong>${OUTCOMES[outcome]}</strong> ${explanation}</p>
    ${deciding && html`<p>The route <strong>${deciding.name}</strong> decides: ${deciding.conditions.map(({ asks }) => asks).join(', and ')}.</p>`}
    ${contact_id !== null && html`<p><a href=${linkTo(`/contacts/${encodeURIComponent(contact_id)}`)}>The story of this contact</a></p>`}
    ${notes.map((note) => html`<p key=${note} class="fair">${note}</p>`)}
    <${Table} caption="Routes, one by one" columns=${JUDGED} rows=${routes} keyOf=${(/** @type {JudgedRoute} */ { name }) => name} />
    ${require.length > 0 && html`<h3>What everybody must meet who is dialed</h3><${Conditions} judged=${require} />`}`;
}

/** @type {{ name: string, cell: (route: JudgedRoute) => import('../parts.js').Children }[]} */
const JUDGED = [
  { name: 'Route', cell: ({ name }) => html`<strong>${name}</strong>` },
  { name: 'Leads to', cell: ({ bucket }) => leadsTo(bucket) },
  {
    name: 'This contact',
    cell: ({ verdict }) => html`<span class=${verdict === 'yes' ? 'good' : ''}>${VERDICTS[verdict]}</span>`,
  },
  { name: 'Because', cell: ({ conditions }) => html`<${Conditions} judged=${conditions} />` },
];

/** @param {{ judged: JudgedCondition[] }} props */
function Conditions({ judged }) {
  return judged.map(({ condition, asks, says: said }) => html`<p key=${condition}>${asks}: <em>${said}</em></p>`);
}
