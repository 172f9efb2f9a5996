// One contact: why it is called, or is not; what happened; and what an operator can do.

import { useDesk } from '../desk.js';
import { Act, Empty, Id, Loaded, Table, Time } from '../parts.js';
import { usePoll } from '../poll.js';
import { linkTo, useAddress } from '../router.js';
import { html, useState } from '../view.js';
import { number, plain } from '../words.js';

/** @import { Contact as Told, DialerState, Forgotten, KnownContact, NotedCall, Placed } from '../../shared/api/contacts.ts' */

/** The page. */
export function Contact() {
  const { path, query } = useAddress();
  const id = decode(path.slice('/contacts/'.length));
  /** @type {import('../poll.js').Poll<Told>} */
  const poll = usePoll(`/contacts/${encodeURIComponent(id)}`, { location: query.get('location') });
  const [forgotten, setForgotten] = useState(/** @type {Forgotten | null} */ (null));
  if (forgotten !== null)
    return html`<h1>Contact</h1><${Empty} title="It is forgotten"><p>${forgotten.note}</p><p><a href=${linkTo('/contacts')}>Contacts</a></p><//>`;
  const { data } = poll;
  return html`<h1>Contact</h1>
    <p><${Id} id=${id} links=${data?.links ?? {}} /></p>
    <${Loaded} poll=${poll} what="Loading the contact">${(/** @type {Told} */ contact) => html`<${Story} contact=${contact} again=${poll.again} onForgotten=${setForgotten} />`}<//>`;
}

/** @param {string} text */
function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** @param {{ contact: Told, again: () => void, onForgotten: (forgotten: Forgotten) => void }} props */
function Story({ contact, again, onForgotten }) {
  const { sentence, explanation, what_to_do, state, dead_letters, duplicate_labels } = contact;
  const known = 'history' in contact ? contact : null;
  return html`
    <section class="card" aria-label="Why">
      <p class=${`sentence ${state === 'failed' ? 'bad' : ''}`}>${sentence}</p>
      ${known?.error && html`<p><strong>The error:</strong> ${known.error}</p>`}
      ${what_to_do !== 'Nothing to do.' && html`<p><strong>What to do:</strong> ${what_to_do}</p>`}
      <p class="row"><${Buttons} contact=${contact} again=${again} onForgotten=${onForgotten} /></p>
      <details><summary>More about why</summary><p>${explanation}</p></details>
      ${duplicate_labels.map(({ kind, name, used_id, other_ids }) => html`<p key=${name} class="fair">CallTools has several ${kind}s named ${name}: ${used_id} is used, ${other_ids.join(', ')} not.</p>`)}
      ${
        dead_letters.length > 0 &&
        html`<p>Failures: ${dead_letters.map(({ reason, status }) => `${plain(reason)} (${status})`).join(', ')}. <a href=${linkTo('/failed')}>Needs you</a></p>`
      }
    </section>
    <${Timeline} entries=${contact.timeline} />
    <${Shared} contact=${contact} />
    ${known && html`<${Facts} contact=${known} />`}
    ${contact.calls.length > 0 && html`<${Calls} calls=${contact.calls} />`}
    ${contact.dialer.length > 0 && html`<${Dialer} contact=${contact} />`}`;
}

/** An operator may place such a contact again. */
const HELD = ['taken_out_in_calltools', 'said_no'];

/** What makes sense in this state. A viewer sees none. @param {{ contact: Told, again: () => void, onForgotten: (forgotten: Forgotten) => void }} props */
function Buttons({ contact, again, onForgotten }) {
  const { contact_id: id, location_id, state, reason } = contact;
  const shared = { query: { location: location_id }, about: `contact ${id}` };
  const to = (/** @type {string} */ what) => `/contacts/${encodeURIComponent(id)}/${what}`;
  const noted = (/** @type {{ note: string }} */ { note }) => {
    again();
    return note;
  };
  const placed = (/** @type {Placed} */ { status }) => {
    again();
    return status === 'placed' ? 'It is in the dialer already.' : 'It is placed again within seconds.';
  };
  return html`
    ${state === 'failed' && html`<${Act} ...${shared} path=${to('retry')} label="Retry" main done=${noted} />`}
    ${reason !== null && HELD.includes(reason) && html`<${Act} ...${shared} path=${to('place')} label="Place again" done=${placed} />`}
    ${state !== 'unknown' && html`<${Act} ...${shared} path=${to('recheck')} label="Check again" done=${noted} />`}
    ${reason === 'deleted' && html`<${Act} ...${shared} path=${to('forget')} label="Forget" danger confirm=${FORGET} done=${onForgotten} />`}`;
}

const FORGET = {
  title: 'Forget this contact?',
  text: 'Everything that is kept here about it is erased, and cannot be brought back. Its contact in CallTools stays.',
  yes: 'Forget it',
};

/** @type {Record<string, string>} */
const STEPS = {
  received: 'received',
  read: 'read',
  decided: 'decided',
  written: 'written',
  failed: 'failed',
  call: 'call',
  replayed: 'retried',
  operator: 'operator',
};

/** @param {{ entries: Told['timeline'] }} props */
function Timeline({ entries }) {
  return html`<section class="card" aria-label="What happened"><h2>What happened</h2>
    ${entries.length === 0 ? html`<p class="quiet">Nothing is recorded.</p>` : null}
    <ol class="timeline">${entries.map(
      ({ at, step, text, attempts }) => html`<li key=${`${at} ${step} ${text}`} class=${step === 'failed' ? 'bad' : ''}>
        <${Time} at=${at} /><span class="step">${STEPS[step] ?? step}</span><span>${text}${attempts !== null && html` <span class="quiet">Try ${number(attempts)}.</span>`}</span>
      </li>`,
    )}</ol></section>`;
}

/** Other contacts that decide along. @param {{ contact: Told }} props */
function Shared({ contact: { same_phone, same_calltools_contact } }) {
  const groups = [
    { title: 'With the same phone number', ids: same_phone },
    { title: 'On the same CallTools contact, with another number', ids: same_calltools_contact },
  ].filter(({ ids }) => ids.length > 0);
  if (groups.length === 0) return null;
  return html`<section class="card" aria-label="Shared numbers"><h2>Shared numbers</h2>
    ${groups.map(({ title, ids }) => html`<h3 key=${title}>${title}</h3><ul>${ids.map((id) => html`<li key=${id}><${Id} id=${id} to=${linkTo(`/contacts/${encodeURIComponent(id)}`)} /></li>`)}</ul>`)}
  </section>`;
}

/** @param {{ contact: KnownContact }} props */
function Facts({ contact }) {
  const { overview } = useDesk();
  const { route, left_out, read_at, read_again_at, attempts, lease, location_id, created_at } = contact;
  const several = (overview?.all_locations.length ?? 0) > 1;
  /** @type {[string, unknown][]} */
  const pairs = [
    ...(several ? [/** @type {[string, unknown]} */ (['Location', location_id])] : []),
    ['Route', route ?? 'none'],
    ...(left_out.length > 0 ? [/** @type {[string, unknown]} */ (['Placed without', left_out.join(', ')])] : []),
    ['Read from GoHighLevel', html`<${Time} at=${read_at} />`],
    ...(read_again_at
      ? [/** @type {[string, unknown]} */ (['Is read again', html`<${Time} at=${read_again_at} />`])]
      : []),
    ['Known since', html`<${Time} at=${created_at} />`],
    ...(attempts > 0 ? [/** @type {[string, unknown]} */ (['Failed tries', number(attempts)])] : []),
    ...(lease === null ? [] : [/** @type {[string, unknown]} */ (['Being worked on', 'now'])]),
  ];
  return html`<section class="card" aria-label="Facts"><h2>Facts</h2>
    <dl class="facts">${pairs.map(([name, value]) => html`<dt key=${name}>${name}</dt><dd>${value}</dd>`)}</dl></section>`;
}

/** @param {{ calls: NotedCall[] }} props */
function Calls({ calls }) {
  return html`<section class="card" aria-label="Calls"><h2>Calls</h2>
    <${Table} caption="Calls, the newest first" rows=${calls} keyOf=${(/** @type {NotedCall} */ { seen_at, disposition }) => `${seen_at} ${disposition}`} columns=${CALL_COLUMNS} />
  </section>`;
}

/** @type {{ name: string, cell: (call: NotedCall) => unknown }[]} */
const CALL_COLUMNS = [
  { name: 'Called', cell: ({ called_at, seen_at }) => html`<${Time} at=${called_at ?? seen_at} />` },
  { name: 'Disposition', cell: ({ disposition }) => disposition ?? 'not known' },
  { name: 'What followed', cell: (call) => followedBy(call) },
  { name: 'Written to GoHighLevel', cell: (call) => writtenBy(call) },
];

/** @param {NotedCall} call */
function followedBy({ hold, held_at, released }) {
  if (!hold) return 'nothing';
  if (held_at === null) return 'to be kept out';
  return html`kept out since <${Time} at=${held_at} />${released ? ', released since' : ''}`;
}

const WRITES = { tags: 'tags', dnd: 'do-not-disturb', workflow: 'workflow', note: 'note' };
const WRITTEN = { done: '', waiting: ' (waits)', failed: ' (failed)', dropped: ' (no longer wanted)' };

/** @param {NotedCall} call */
function writtenBy({ writes }) {
  if (writes.length === 0) return 'nothing';
  return writes.map(({ step, state }) => `${WRITES[step]}${WRITTEN[state]}`).join(', ');
}

/** @param {{ contact: Told }} props */
function Dialer({ contact: { dialer, links, contact_id } }) {
  /** @type {{ name: string, cell: (state: DialerState) => unknown }[]} */
  const columns = [
    { name: 'Number', cell: ({ number: which }) => (which === 'present' ? 'its number' : 'an earlier number') },
    {
      name: 'CallTools contact',
      cell: ({ calltools_id: id, number: which }) =>
        id === null
          ? 'none'
          : html`<${Id} id=${String(id)} links=${which === 'present' ? { calltools: links.calltools } : {}} />`,
    },
    { name: 'In a bucket', cell: ({ in_a_bucket }) => (in_a_bucket ? 'yes' : 'no') },
    {
      name: 'Shows',
      cell: ({ shows_contact_id: id }) =>
        id === null
          ? 'nobody'
          : id === contact_id
            ? 'this contact'
            : html`<${Id} id=${id} to=${linkTo(`/contacts/${encodeURIComponent(id)}`)} />`,
    },
    { name: 'Confirmed', cell: ({ verified_at }) => html`<${Time} at=${verified_at} />` },
    {
      name: 'Held back',
      cell: ({ hold }) => (hold === null ? 'no' : html`${plain(hold.reason)}, since <${Time} at=${hold.since} />`),
    },
  ];
  return html`<section class="card" aria-label="In the dialer"><h2>In the dialer</h2>
    <${Table} caption="What CallTools holds under its numbers" rows=${dialer} columns=${columns} keyOf=${(/** @type {DialerState} */ state) => `${state.number} ${state.calltools_id} ${state.verified_at}`} />
  </section>`;
}
