// The pieces of a batch (rows, work, tasks, results) with defaults, so that each test shows only the fields that matter to it.

import type { ContactChanged } from '../../shared/messages.ts';
import type { Decision, PhoneIntent } from '../../workers/consumer/domain/decide.ts';
import type { Failure } from '../../workers/consumer/domain/failure.ts';
import type { Rules } from '../../workers/consumer/domain/rules/conditions.ts';
import type { ContactRow, DialerRow } from '../../workers/consumer/store/claim.ts';

import { coalesce, type Work } from '../../workers/consumer/sync/coalesce.ts';
import { planJobs } from '../../workers/consumer/sync/plan.ts';
import type { Job, Result, Task } from '../../workers/consumer/sync/work.ts';

/** Two placing routes and one that keeps out. */
export const RULES: Rules = {
  routes: [
    { name: 'customer', tags: ['customer'], bucket: null },
    { name: 'cold', tags: ['cold lead'], bucket: 'Cold Leads' },
    { name: 'warm', tags: ['warm lead'], bucket: 'Warm Leads' },
  ],
};

export function contactRow(changes: Partial<ContactRow> = {}): ContactRow {
  return {
    contactId: 'one',
    state: 'placed',
    reason: 'placed',
    route: 'cold',
    intent: 'place',
    priority: 1,
    phoneHash: 'p',
    attempts: 0,
    readAt: 0,
    searchHash: null,
    queued: false,
    history: '[]',
    told: {},
    lookAt: null,
    looks: 0,
    tagsWrittenAt: null,
    hold: null,
    createdAt: 0,
    mine: true,
    ...changes,
  };
}

export function dialerRow(changes: Partial<DialerRow> = {}): DialerRow {
  return {
    phoneHash: 'p',
    contactId: 'one',
    callToolsId: 1,
    fingerprint: 'as written',
    mayBeInBucket: true,
    doubtUntil: 0,
    inDoubt: false,
    carriers: new Map(),
    placing: null,
    hold: null,
    leftOut: [],
    noArea: false,
    updatedAt: 0,
    mine: true,
    ...changes,
  };
}

export function hintOf(contactId: string, changes: Partial<ContactChanged> = {}): ContactChanged {
  return {
    v: 1,
    kind: 'contact.changed',
    locationId: 'here',
    contactId,
    eventType: 'ContactUpdate',
    source: 'webhook',
    eventId: `e-${contactId}`,
    occurredAt: null,
    receivedAt: 1000,
    snapshot: null,
    ...changes,
  };
}

function workOf(...events: [ContactChanged, ...ContactChanged[]]): Work {
  const [work] = coalesce(events, RULES);
  if (!work) throw new Error('no work');
  return work;
}

/** What GoHighLevel said of a contact with this number. */
export function decisionOf(intent: Decision['intent'], changes: Partial<Decision> = {}): Decision {
  const phone = '+13055550142';
  const common = { phone, priority: intent === 'place' ? 1 : -1, route: intent === 'place' ? 'cold' : null };
  const reason = ({ place: 'placed', out: 'route', dnc: 'dnd', none: 'no_route' } as const)[intent];
  const person = intent === 'place' ? { contactId: 'one', phone, fields: {} } : null;
  return { ...common, intent, reason, person, ...changes };
}

interface TaskOptions {
  contactId?: string;
  row?: Partial<ContactRow>;
  /** Null: GoHighLevel could not be read. */
  decision?: Decision | null;
  phoneHash?: string | null;
  failure?: Failure | null;
  readHash?: string | null;
  hint?: Partial<ContactChanged>;
}

/** A contact in hand that had, and has, the number `p`. */
export function taskOf(options: TaskOptions = {}): Task {
  const { contactId = 'one', row = {}, phoneHash = 'p', failure = null, readHash = null, hint = {} } = options;
  const { decision = decisionOf('place') } = options;
  const known = decision?.person ? { ...decision, person: { ...decision.person, contactId } } : decision;
  return {
    work: workOf(hintOf(contactId, hint)),
    row: contactRow({ contactId, ...row }),
    decision: known,
    phoneHash,
    failure,
    readHash,
    told: {},
    against: [],
    listUnread: false,
    tooEarly: false,
    readFailure: null,
    unasked: false,
  };
}

interface Remembered {
  rows?: DialerRow[];
  intents?: PhoneIntent[];
}

/** The jobs of these contacts, by number. All `wishes` are about the number `p`. */
export function jobsOf(tasks: Task[], { rows = [dialerRow()], intents = [] }: Remembered = {}): Map<string, Job> {
  const dialer = new Map(rows.map((row) => [row.phoneHash, row]));
  const jobs = planJobs(tasks, { dialer, intents: new Map([['p', intents]]) }, RULES);
  return new Map(jobs.map((job) => [job.row.phoneHash, job]));
}

/** How a job ended. */
export function resultOf(job: Job, changes: Partial<Result> = {}): Result {
  const mayBeInBucket = job.combined.kind === 'place';
  return {
    job,
    kind: 'written',
    fingerprint: 'as written',
    doubtUntil: 0,
    failure: null,
    drifted: false,
    observed: { callToolsId: 1, mayBeInBucket, moved: false, doNotContact: false, placing: null, wrote: true },
    ...changes,
  };
}

/** The result of a job that failed. */
export function failedOf(job: Job, failure: Failure): Result {
  return resultOf(job, { kind: 'failed', fingerprint: null, failure });
}

/** One failure of each kind. */
export const FAILURES = {
  contact: { kind: 'contact', code: 'rejected', error: 'city: is not a valid choice' },
  transient: { kind: 'transient', vendor: 'calltools', error: 'GET /contacts/1: 503' },
  staleLabels: { kind: 'stale_labels', error: 'bucket 7 is gone' },
  busy: { kind: 'busy', error: 'another batch is working on this phone' },
  throttled: { kind: 'throttled', vendor: 'calltools', retryAfterMs: 5000, error: '429' },
  setup: { kind: 'setup', vendor: 'calltools', error: '401' },
} as const satisfies Record<string, Failure>;
