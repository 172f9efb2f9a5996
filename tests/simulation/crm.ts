// What the workers write to GoHighLevel: every try is noted, and none may remove anything that was there.

import type { GhlContact } from '../../sandbox/gohighlevel.ts';
import type { Clock } from '../../sandbox/virtual-clock.ts';
import type { Step } from './agents-calls.ts';
import type { Handle } from './forms.ts';
import { during, type Truth, type Version } from './truth.ts';
import type { Report } from './verdict.ts';

/** A write that reached GoHighLevel. */
export interface CrmWrite {
  /** Epoch ms. */
  at: number;
  contactId: string;
  step: Step;
  /** What was to be written: tags, the id of a workflow, or a note; '' for do-not-disturb. */
  what: string;
  /** It took effect. */
  isDone: boolean;
}

interface Options {
  clock: Clock;
  truth: Truth;
  handle: Handle;
  contacts(): GhlContact[];
  report: Report;
}

/** A reader of the contact may be behind by this: it reads before it writes, and answers take their time. */
const READ_MS = 25_000;

const WRITE = /\/contacts\/(?!search$)([^/]+)(?:\/(.+))?$/;

/** Whether a call to GoHighLevel writes. */
export function writesToCrm(url: string, method: string | undefined): boolean {
  return method !== 'GET' && WRITE.test(new URL(url).pathname);
}

export function createCrm({ clock, truth, handle, contacts, report }: Options) {
  const writes: CrmWrite[] = [];

  /** `seen`: the versions that a reader may have seen before the write. */
  function kept(id: string, before: GhlContact | undefined, seen: Version[]): void {
    const after = contacts().find((one) => one.id === id);
    if (!before || !after) return;
    const lost = before.tags.filter((tag) => !after.tags.includes(tag));
    if (lost.length > 0) report('overwritten', `a write has removed the tags ${lost} of ${id}`);
    const { tags: _, dndSettings: channels, dateUpdated: __, ...rest } = before;
    const { tags: ___, dndSettings: now, dateUpdated: ____, ...left } = after;
    if (JSON.stringify(rest) !== JSON.stringify(left)) report('overwritten', `a write has changed other data of ${id}`);
    if (channels.Call && channels.Call.status !== 'inactive' && (now.Call?.status ?? 'inactive') === 'inactive')
      report('overwritten', `a write has allowed calls to ${id}`);
    for (const name of new Set([...Object.keys(channels), ...Object.keys(now)])) {
      const is = JSON.stringify(now[name]);
      const was = [channels, ...seen.map(({ contact }) => contact?.dndSettings ?? {})];
      if (name !== 'Call' && !was.some((one) => JSON.stringify(one[name]) === is))
        report('overwritten', `a write has changed do-not-disturb of ${id} for ${name}`);
    }
  }

  return {
    writes,
    handle: (async (request) => {
      const { url, method } = request;
      if (!writesToCrm(url, method)) return handle(request);
      const [, id = '', tail = ''] = WRITE.exec(new URL(url).pathname) ?? [];
      const body = JSON.parse((await request.text()) || '{}') as Record<string, unknown>;
      const before = contacts().find((one) => one.id === id);
      const seen = during(truth.versions(id), clock.now - READ_MS, clock.now);
      const write = { at: clock.now, contactId: id, ...meaningOf(method, tail, body), isDone: false };
      if (write.step === null)
        report('overwritten', `${method} ${tail} with ${Object.keys(body)} is none of our writes`);
      else writes.push(write as CrmWrite);
      const answer = await handle(request);
      write.isDone = answer.ok;
      kept(id, before, seen);
      return answer;
    }) satisfies Handle,
  };
}

function meaningOf(method: string, tail: string, body: Record<string, unknown>): { step: Step | null; what: string } {
  const [, workflow] = /^workflow\/(.+)$/.exec(tail) ?? [];
  const keys = Object.keys(body).join();
  if (method === 'PUT' && tail === '') return { step: keys === 'dndSettings' ? 'dnd' : null, what: '' };
  if (method !== 'POST') return { step: null, what: '' };
  if (workflow !== undefined) return { step: 'workflow', what: workflow };
  if (tail === 'tags') return { step: 'tags', what: String(body.tags) };
  return tail === 'notes' ? { step: 'note', what: String(body.body) } : { step: null, what: '' };
}
