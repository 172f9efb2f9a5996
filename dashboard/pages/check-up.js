// Check-up: what is wrong, what follows from it, and what to do; then the settings, alerts, and what was done.

import { ask, says } from '../api.js';
import { useDesk } from '../desk.js';
import { Act, Empty, ListTable, Loading, Table, Time, Trouble } from '../parts.js';
import { useList, usePoll } from '../poll.js';
import { linkTo } from '../router.js';
import { html, useEffect, useState } from '../view.js';
import { counted, plain } from '../words.js';

/** @import { LocationSettings, ShownSetting } from '../../shared/api/check-up.ts' */
/** @import { AuditEntry, Doctor, DoctorCheck, DoctorReport } from '../../shared/api/status.ts' */
/** @typedef {{ check: DoctorCheck, following: DoctorCheck[] }} Finding a check, and those that follow from it */

/** The doctor asks both vendors, and one that is down lets it wait. */
const PATIENCE_MS = 60_000;
const SETTINGS_MS = 60_000;
const AUDIT_MS = 30_000;

/** The page. */
export function CheckUp() {
  const { location } = useDesk();
  return html`<h1>Check-up</h1>
    <${Checks} key=${`checks ${location}`} location=${location} />
    <${Alerts} location=${location} />
    <${Settings} location=${location} />
    <${Audit} />`;
}

/** @param {{ location: string | null }} props */
function Checks({ location }) {
  const { overview } = useDesk();
  const [asked, setAsked] = useState(0);
  const [found, setFound] = useState(
    /** @type {{ doctor: Doctor | null, at: string | null, error: string | null, busy: boolean }} */ ({
      ...{ doctor: null, at: null, error: null, busy: true },
    }),
  );
  useEffect(() => {
    const gone = new AbortController();
    const signal = AbortSignal.any([gone.signal, AbortSignal.timeout(PATIENCE_MS)]);
    setFound((before) => ({ ...before, busy: true }));
    ask('/api/v1/doctor', { location }, signal)
      .then((doctor) => setFound({ doctor, at: new Date().toISOString(), error: null, busy: false }))
      .catch((error) => {
        if (!gone.signal.aborted) setFound((before) => ({ ...before, error: says(error), busy: false }));
      });
    return () => gone.abort();
  }, [asked]);
  const { doctor, at, error, busy } = found;
  const names = new Map((overview?.all_locations ?? []).map(({ id, name }) => [id, name ?? id]));
  return html`<section class="card" aria-labelledby="checks" aria-busy=${busy}>
    <div class="row">
      <h2 id="checks">Checks</h2>
      <strong role="status">${doctor === null ? '' : verdictOf(doctor)}</strong>
      <button type="button" disabled=${busy} onClick=${() => setAsked(asked + 1)}>${busy ? 'Checking…' : 'Check again'}</button>
      ${at !== null && html`<span class="quiet">Checked <${Time} at=${at} /></span>`}
    </div>
    ${error !== null && html`<${Trouble} error=${error} again=${() => setAsked(asked + 1)} stale=${doctor !== null} />`}
    ${doctor === null && error === null && html`<${Loading} what="Asking GoHighLevel and CallTools" />`}
    ${doctor?.reports.map((report) => html`<${Report} key=${report.location_id} report=${report} title=${doctor.reports.length > 1 ? (names.get(report.location_id ?? '') ?? 'All locations') : null} />`)}
  </section>`;
}

/** What a person must know first. @param {Doctor} doctor */
function verdictOf({ reports }) {
  const sum = (/** @type {(counts: DoctorReport['counts']) => number} */ of) =>
    reports.reduce((n, { counts }) => n + of(counts), 0);
  const following = sum((counts) => counts.following);
  const own = sum(({ failed, warning }) => failed + warning) - following;
  if (own === 0) return 'All is well';
  const rest =
    following === 0
      ? ''
      : `. ${counted(following, 'other finding follows', 'other findings follow')} from ${own === 1 ? 'it' : 'them'}`;
  return `${counted(own, 'thing')} to fix${rest}`;
}

/** @param {{ report: DoctorReport, title: string | null }} props */
function Report({ report: { checks }, title }) {
  const findings = findingsOf(checks);
  const well = checks.filter(({ status }) => status === 'ok' || status === 'skipped');
  return html`${title !== null && html`<h3>${title}</h3>`}
    ${findings.length > 0 && html`<ol class="checks">${findings.map(({ check, following }) => html`<${Found} key=${check.code} check=${check} following=${following} />`)}</ol>`}
    <details open=${findings.length === 0}><summary>${counted(well.length, 'check is', 'checks are')} well or not needed</summary>
      <${Table} caption="Checks that are well" columns=${WELL} rows=${well} keyOf=${(/** @type {DoctorCheck} */ { code }) => code} />
    </details>`;
}

/** Failures before warnings, each with what follows from it. @param {DoctorCheck[]} checks @returns {Finding[]} */
function findingsOf(checks) {
  const bad = checks.filter(({ status }) => status === 'failed' || status === 'warning');
  const codes = new Set(bad.map(({ code }) => code));
  const causeOf = (/** @type {DoctorCheck} */ { follows_from }) =>
    follows_from !== undefined && codes.has(follows_from) ? follows_from : null;
  const causes = bad.filter((check) => causeOf(check) === null);
  const sorted = [...causes.filter(isFailed), ...causes.filter((check) => !isFailed(check))];
  return sorted.map((check) => ({ check, following: bad.filter((one) => causeOf(one) === check.code) }));
}

/** @param {DoctorCheck} check */
function isFailed({ status }) {
  return status === 'failed';
}

/** Where a finding is dealt with, or shown in full. @type {Record<string, [address: string, name: string]>} */
const PLACES = {
  routes: ['/rules', 'See the rules'],
  'dead-letters': ['/failed', 'See what failed'],
  backstop: ['/syncs', 'See the syncs'],
  brake: ['/contacts?reason=held_by_brake', 'See who is held back'],
};

/** @param {Finding} props */
function Found({ check: { code, status, seen, what, todo }, following }) {
  const place = PLACES[code];
  return html`<li>
    <p><strong class=${status === 'failed' ? 'bad' : 'fair'}>${status === 'failed' ? 'Failed' : 'Warning'}</strong> ${seen} <span class="quiet"><code>${code}</code></span></p>
    ${what && html`<p class="quiet">How it should be: ${what}</p>`}
    ${todo && html`<p><strong>What to do:</strong> ${todo}</p>`}
    ${place && html`<p><a href=${linkTo(place[0])}>${place[1]}</a></p>`}
    ${
      following.length > 0 &&
      html`<details open><summary>${counted(following.length, 'finding follows', 'findings follow')} from this. Fix the cause first.</summary>
      <ul class="checks">${following.map(({ code: other, seen: said }) => html`<li key=${other}><p>${said} <span class="quiet"><code>${other}</code></span></p></li>`)}</ul></details>`
    }
  </li>`;
}

/** @type {{ name: string, cell: (check: DoctorCheck) => import('../parts.js').Children }[]} */
const WELL = [
  { name: 'Check', cell: ({ code }) => html`<code>${code}</code>` },
  { name: 'Result', cell: ({ status }) => (status === 'ok' ? 'well' : 'not needed') },
  { name: 'What was seen', cell: ({ seen }) => seen },
];

/** @param {{ location: string | null }} props */
function Alerts({ location }) {
  const done = (/** @type {import('../../shared/api/check-up.ts').AlertTested} */ { arrived, note }) => {
    if (!arrived) throw new Error(note);
    return note;
  };
  const { role } = useDesk();
  if (role !== 'operator') return null;
  return html`<section class="card" aria-labelledby="alerts">
    <h2 id="alerts">Alerts</h2>
    <p>Do alerts reach you? This sends one to the address that is set.</p>
    <${Act} path="/api/v1/alerts/test" query=${{ location }} label="Send a test alert" done=${done} />
  </section>`;
}

/** @type {{ name: string, cell: (setting: ShownSetting) => import('../parts.js').Children }[]} */
const SETTING = [
  { name: 'Setting', cell: ({ name }) => html`<code>${name}</code>` },
  {
    name: 'Value',
    cell: ({ value, is_default }) =>
      value === null
        ? html`<span class="quiet">not set</span>`
        : html`${value}${is_default && html` <span class="quiet">(default)</span>`}`,
  },
  { name: 'What it does', cell: ({ what }) => what },
];

/** @param {{ location: string | null }} props */
function Settings({ location }) {
  /** @type {import('../poll.js').Poll<LocationSettings[]>} */
  const { data, error, again } = usePoll('/api/v1/settings', { location }, { everyMs: SETTINGS_MS });
  return html`<section class="card" aria-labelledby="settings">
    <h2 id="settings">Settings</h2>
    <p class="quiet">They are shown as they are in force, and changed where you deploy from: npm run setup, or the files wrangler.consumer.jsonc and wrangler.ingest.jsonc. Secrets are not shown.</p>
    ${error !== null && html`<${Trouble} error=${error} again=${again} stale=${data !== null} />`}
    ${data === null && error === null && html`<${Loading} />`}
    ${data?.map(({ location_id, location_name, fault, settings }) => {
      const name = location_name ?? location_id;
      return html`<div key=${location_id}>
        ${data.length > 1 && html`<h3>${name}</h3>`}
        ${fault === null ? html`<${Table} caption=${`Settings of ${name}`} columns=${SETTING} rows=${settings} keyOf=${(/** @type {ShownSetting} */ one) => one.name} />` : html`<p class="note bad">${fault}</p>`}
      </div>`;
    })}
  </section>`;
}

/** @type {Record<string, string>} */
const ACTIONS = {
  'run.start': 'Started a sync',
  'brake.confirm': 'Placed what was held back',
  'contact.forget': 'Forgot a contact',
  'contact.place': 'Placed a contact again',
  'contact.recheck': 'Checked a contact again',
  'contact.retry': 'Tried a contact again',
  'letters.replay': 'Retried failed contacts',
  'letters.discard': 'Discarded failed contacts',
  'alert.test': 'Sent a test alert',
  'membership.check': 'Tried a membership in CallTools',
};

/** @type {{ name: string, cell: (entry: AuditEntry) => import('../parts.js').Children }[]} */
const ENTRY = [
  { name: 'When', cell: ({ at }) => html`<${Time} at=${at} />` },
  { name: 'What', cell: ({ action }) => ACTIONS[action] ?? plain(action) },
  { name: 'About', cell: (entry) => html`<${About} ...${entry} />` },
  { name: 'Outcome', cell: ({ outcome }) => outcome },
];

/** @param {AuditEntry} entry */
function About({ contact_id, runs, letters, location_id }) {
  if (contact_id !== null)
    return html`<a href=${linkTo(`/contacts/${encodeURIComponent(contact_id)}`)}><code>${contact_id}</code></a>`;
  if (runs.length > 0) return html`<code>${runs.join(', ')}</code>`;
  if (letters.length > 0) return counted(letters.length, 'failed contact');
  return location_id;
}

function Audit() {
  const list = useList('/api/v1/audit', { limit: 20 }, { everyMs: AUDIT_MS });
  const empty = html`<${Empty} title="No action is recorded"><p>Actions are recorded for 90 days once a VIEWER_TOKEN is set.</p><//>`;
  return html`<section class="card" aria-labelledby="audit">
    <h2 id="audit">What was done</h2>
    <${ListTable} list=${list} caption="Actions, the newest first" columns=${ENTRY} keyOf=${(/** @type {AuditEntry} */ { id }) => String(id)} empty=${empty} />
  </section>`;
}
