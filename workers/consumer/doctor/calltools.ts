// The doctor checks CallTools: first the host, then key, rights, field names, search and buckets.

import * as v from 'valibot';
import { errorText } from '../../../shared/harmless.ts';
import type { World } from '../config/env.ts';
import type { Settings } from '../config/settings.ts';
import type { CheckCode } from '../domain/checks.ts';
import { managedLabels } from '../domain/decide.ts';
import { toE164 } from '../domain/phone.ts';
import { type CallTools, createCallTools } from '../vendors/calltools.ts';
import { type Label, Page } from '../vendors/calltools-schema.ts';
import type { Http } from '../vendors/http.ts';
import { type Check, failed, ok, skipped, warning } from './check.ts';
import { describedFields } from './fields/description.ts';
import { checkFields, type Fields } from './fields/fields.ts';
import { checkLabels } from './labels.ts';
import { type LastAnswer, observe } from './last-answer.ts';
import { checkPhoneFilter, type Sample } from './phone-filter.ts';
import { type Listed, lookUpSilo } from './silos.ts';

/** What the checks of CallTools found. */
export interface CallToolsFindings {
  checks: Check[];
  /** For the membership check; null where host or key failed. */
  callTools: CallTools | null;
  buckets: Label[] | null;
  /** For the checks of mapped fields; null where host or key failed. */
  fields: Fields | null;
}

/** Calls beside those of the client, whose answers say too little about what failed. */
interface Visit {
  settings: Settings;
  http: Http;
  last: LastAnswer;
  callTools: CallTools;
}

/** `knownId`: a contact that the pipeline put into CallTools, if any. `notAfter`: epoch ms, no call runs longer. Never throws. */
export async function checkCallTools(
  settings: Settings,
  real: World,
  notAfter: number,
  knownId: number | null,
): Promise<CallToolsFindings> {
  const { world, last } = observe(real);
  const visit = openVisit(settings, world, last, notAfter);
  const listed = await lookUpSilo(settings.CALLTOOLS_BASE_URL, real);
  const { host, token } = await checkHostAndKey(visit, listed);
  if (token.status !== 'ok') {
    const cause = host.status === 'failed' ? host.code : token.code;
    const rest = AFTER_HOST_AND_KEY.map((code) => skipped(code, `Not asked: see ${cause}.`, cause));
    return { checks: [host, token, ...rest], callTools: null, buckets: null, fields: null };
  }
  const { check: rights, firstId } = await checkRights(visit);
  const sample = await readSample(visit, knownId ?? firstId);
  const fields = { described: await describedFields(settings, world, notAfter), shown: sample?.fields ?? null };
  const labels = await checkLabels(visit.callTools, settings);
  return {
    checks: [
      ...[host, token, rights],
      ...checkFields(settings, fields),
      await checkPhoneFilter(visit.callTools, settings, sample?.known ?? null),
      ...labels.checks,
    ],
    callTools: visit.callTools,
    buckets: labels.buckets,
    fields,
  };
}

/** Whether this is a silo that knows the key: two checks, from two calls. Never throws. */
export async function checkCallToolsKey(settings: Settings, real: World, notAfter: number): Promise<Check[]> {
  const { world, last } = observe(real);
  const listed = await lookUpSilo(settings.CALLTOOLS_BASE_URL, real);
  const { host, token } = await checkHostAndKey(openVisit(settings, world, last, notAfter), listed);
  return [host, token];
}

const AFTER_HOST_AND_KEY: CheckCode[] = [
  'calltools-rights',
  'calltools-phone-field',
  'calltools-email-field',
  'calltools-external-id-field',
  'calltools-phone-filter',
  'calltools-bucket',
  'calltools-tag',
];

function openVisit(settings: Settings, world: World, last: LastAnswer, notAfter: number): Visit {
  const opened: { http?: Http } = {};
  const callTools = createCallTools({
    baseUrl: settings.CALLTOOLS_BASE_URL,
    token: settings.CALLTOOLS_API_KEY,
    timeoutMs: settings.VENDOR_TIMEOUT_MS,
    guard: (http) => {
      opened.http = http;
      return http;
    },
    notAfter,
    world,
  });
  if (!opened.http) throw new Error('the CallTools client opened no connection');
  return { settings, http: opened.http, last, callTools };
}

/** Does the host answer, and does it know the key? A role that may not read buckets may still call (docs/vendors.md, CallTools: errors). */
async function checkHostAndKey(
  { callTools, last, settings }: Visit,
  listed: Listed,
): Promise<{ host: Check; token: Check }> {
  const token = (check: (code: 'calltools-token', seen: string) => Check, seen: string) =>
    check('calltools-token', seen);
  const unasked = skipped('calltools-token', 'Not known as long as the host is wrong or down.', 'calltools-host');
  const silos = listed.kind === 'missing' ? ` CallTools lists these silos: ${listed.silos.join(', ')}.` : '';
  const { hostname } = new URL(settings.CALLTOOLS_BASE_URL);
  try {
    await callTools.probe();
  } catch (thrown) {
    const error = errorText(thrown);
    if (last.status === 403) return { host: hostCheck(hostname, listed), token: token(ok, 'This silo knows it.') };
    if (last.status === 401)
      return {
        host: hostCheck(hostname, listed),
        token: token(failed, `${hostname} does not know this key: ${error}`),
      };
    if (last.status === 429) return { host: warning('calltools-host', `It slows us down: ${error}`), token: unasked };
    return {
      host: failed('calltools-host', `${hostname} does not answer as CallTools does: ${error}.${silos}`),
      token: unasked,
    };
  }
  return { host: hostCheck(hostname, listed), token: token(ok, 'This silo knows it.') };
}

function hostCheck(hostname: string, listed: Listed): Check {
  if (listed.kind === 'listed') return ok('calltools-host', `${hostname} answers, and is a silo that CallTools lists.`);
  if (listed.kind === 'unknown') return ok('calltools-host', `${hostname} answers as CallTools does.`);
  const seen = `${hostname} answers, but CallTools lists these silos: ${listed.silos.join(', ')}.`;
  // It accepts POST with the account's key (docs/vendors.md, CallTools: silos and keys). Whether it serves all other calls is not known.
  return hostname === 'app.calltools.io' ? warning('calltools-host', seen) : failed('calltools-host', seen);
}

const FirstRow = v.object({ results: v.array(v.object({ id: v.number() })) });

/** Checks reading only. The first contact, or the membership check, shows what may be written. */
async function checkRights({ http, settings, last }: Visit): Promise<{ check: Check; firstId: number | null }> {
  const needed = ['contacts', 'buckets', ...(managedLabels(settings.rules).tags.length > 0 ? ['alltags'] : [])];
  const denied: string[] = [];
  let firstId: number | null = null;
  for (const resource of [...needed, 'contactbuckets', 'phonenumbers']) {
    try {
      const path = `/${resource}/?page_size=1`;
      const answer = await http.call({ method: 'GET', path, about: 'list', shape: Page, optional: true });
      if (!answer.ok) denied.push(resource);
      else if (resource === 'contacts' && v.is(FirstRow, answer.data)) firstId = answer.data.results[0]?.id ?? null;
    } catch (thrown) {
      return {
        check: failed('calltools-rights', `${resource} (${last.status || 'no answer'}): ${errorText(thrown)}`),
        firstId,
      };
    }
  }
  const missing = denied.filter((resource) => needed.includes(resource));
  if (missing.length > 0) return { check: failed('calltools-rights', `May not read: ${denied.join(', ')}.`), firstId };
  if (denied.length > 0)
    return {
      check: warning(
        'calltools-rights',
        `May not read ${denied.join(', ')}: memberships are taken from the contacts themselves.`,
      ),
      firstId,
    };
  return { check: ok('calltools-rights', 'May read all that the pipeline reads.'), firstId };
}

const AnyContact = v.looseObject({ id: v.number() });

/** An existing contact: the names of its fields, and a number to search it by. Null where there is none. */
async function readSample(
  { http, callTools, settings }: Visit,
  id: number | null,
): Promise<{ fields: Set<string>; known: Sample | null } | null> {
  if (id === null) return null;
  try {
    const path = `/contacts/${id}/`;
    const answer = await http.call({ method: 'GET', path, about: 'record', shape: AnyContact, optional: true });
    if (!answer.ok) return null;
    const contact = await callTools.get(id);
    const numbers = (contact?.dialable ?? contact?.phones ?? []).flatMap(
      (phone) => toE164(phone, settings.DEFAULT_COUNTRY) ?? [],
    );
    return {
      fields: new Set(Object.keys(answer.data)),
      known: numbers[0] === undefined ? null : { id, phone: numbers[0] },
    };
  } catch {
    return null;
  }
}
