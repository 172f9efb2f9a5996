// The operator's routes. Who asks was checked by ingest: this worker has no public address.

import type { Queue } from '@cloudflare/workers-types';
import { type IRequestStrict, IttyRouter } from 'itty-router';
import { forEachLimit } from '../../../shared/concurrency.ts';
import { errorText } from '../../../shared/harmless.ts';
import { type IngestStatus, readIngestStatus } from '../../../shared/ingest-status.ts';
import type { Log } from '../../../shared/log.ts';
import type { Message } from '../../../shared/messages.ts';
import { nameOf, OPERATOR_ROUTES, type RouteName } from '../../../shared/operator-routes.ts';
import { problem } from '../../../shared/problem.ts';
import type { Env, World } from '../config/env.ts';
import type { Location, Locations } from '../config/locations.ts';
import type { Settings } from '../config/settings.ts';
import { discardLetters, replayLetters } from '../dead-letters/replay.ts';
import { type Diagnosis, DoctorQuery, type Examinable, viewDiagnosis } from '../doctor/diagnose.ts';
import { type Measurable, readBacklogs, waitingIn } from '../monitoring/backlog.ts';
import { locationsOfContact, readStory } from '../store/contact-story.ts';
import { deadLettersOfContact, hasLetters, listDeadLetters } from '../store/dead-letter-list.ts';
import type { ContactKey } from '../store/forget.ts';
import { type Run, recentRuns } from '../store/runs.ts';
import { pendingOf, readCounts } from '../store/totals.ts';
import { success } from './answer.ts';
import { viewContact } from './contact-view.ts';
import { history, overview } from './dashboard-routes.ts';
import { viewDeadLetters } from './dead-letter-view.ts';
import { forget } from './forget.ts';

import { placeAgain } from './place.ts';
import {
  chooseLocations,
  DeadLettersQuery,
  faultsOf,
  LocationQuery,
  NoQuery,
  RunsQuery,
  readContactId,
  readIds,
  readQuery,
} from './query.ts';
import { retryContact } from './retry.ts';
import { viewRun } from './run-view.ts';

import { healthOf, viewStats } from './stats-view.ts';

/** What the routes need of the worker. */
export interface OperatorDeps {
  env: { DB: Env['DB']; EVENTS: Pick<Queue<Message>, 'sendBatch'> } & Measurable;
  world: Pick<World, 'now' | 'newId'>;
  log: Log;
  locations: Locations;
  /** Starts a backstop run of the location with these settings, or joins the running one. */
  startRun(startedBy: 'trigger', settings: Settings): Promise<{ run: Run; joined: boolean }>;
  /** Checks all that can be wrong with a location; where a contact is named, its membership too. */
  diagnose(location: Examinable, contactId: string | null, ingestStatus: IngestStatus | null): Promise<Diagnosis>;
}

/** Each location asks both vendors at once: an invocation has 6 connections (facts/cloudflare.md [doc]). */
const EXAMINED_AT_ONCE = 2;

/** Dead letters shown with a contact. */
const LETTERS_OF_CONTACT = 20;

/** The answer to an operator's request. Never throws. */
export async function handleOperator(request: Request, deps: OperatorDeps): Promise<Response> {
  try {
    return await routes.fetch(request, deps);
  } catch (error) {
    deps.log('operator.failed', { error: errorText(error) });
    return problem(
      503,
      'Not done',
      'The request could not be finished, most likely because the database did not answer; the log says more (operator.failed). Send it again: nothing is harmed by doing it twice.',
      { 'retry-after': '5' },
    );
  }
}

type Handler = (request: IRequestStrict, deps: OperatorDeps) => Promise<Response>;

const HANDLERS: Record<RouteName, Handler> = {
  'GET /api/v1/overview': overview,
  'GET /api/v1/history': history,
  'GET /sync/stats': stats,
  'POST /sync/trigger': trigger,
  'GET /sync/runs': runs,
  'GET /contacts/:id': contact,
  'POST /contacts/:id/forget': forgetOne,
  'POST /contacts/:id/place': placeOne,
  'POST /contacts/:id/retry': retryOne,
  'GET /dead-letters': deadLetters,
  'POST /dead-letters/replay': (request, deps) =>
    actOnLetters(request, async (ids) => ({ outcomes: await replayLetters(ids, deps) })),
  'POST /dead-letters/discard': (request, deps) => actOnLetters(request, (ids) => discardLetters(ids, deps)),
  'GET /doctor': doctor,
};

const routes = createOperatorRoutes();

/** The router; `fetch` throws what D1 or `startRun` throw. */
function createOperatorRoutes() {
  const router = IttyRouter<IRequestStrict, [OperatorDeps]>();
  for (const route of OPERATOR_ROUTES) {
    const { method, path } = route;
    if (method === 'GET') router.get(path, HANDLERS[nameOf(route)]);
    else router.post(path, HANDLERS[nameOf(route)]);
    router.all(path, () => problem(405, 'Method not allowed', `Use ${method}.`, { allow: method }));
  }
  router.all('*', () => problem(404, 'Not found', `There are: ${OPERATOR_ROUTES.map(nameOf).join(', ')}.`));
  return router;
}

async function stats(request: Request, { env, world, locations }: OperatorDeps): Promise<Response> {
  const query = readQuery(request, LocationQuery);
  if (query.kind === 'bad') return badRequest(query);
  const chosen = chooseLocations(locations, query.value.location);
  if (chosen.kind === 'bad') return chosen.answer;
  const ids = chosen.locations.map(({ id }) => id);
  const now = world.now();
  const [counts, backlogs, health] = await Promise.all([
    readCounts(env.DB, ids),
    readBacklogs(env),
    Promise.all(chosen.locations.map((location) => healthOf(location, env.DB, now))),
  ]);
  const configurationError = faultsOf(chosen.locations, locations);
  const everything = query.value.location === undefined;
  return success(
    viewStats({ counts, health, everything, configurationError, waiting: waitingIn(backlogs, pendingOf(counts)), now }),
  );
}

async function trigger(request: Request, deps: OperatorDeps): Promise<Response> {
  const query = readQuery(request, LocationQuery);
  if (query.kind === 'bad') return badRequest(query);
  const chosen = chooseLocations(deps.locations, query.value.location);
  if (chosen.kind === 'bad') return chosen.answer;
  const ready = chosen.locations.flatMap((location) => (location.kind === 'ready' ? [location.settings] : []));
  if (ready.length === 0) {
    const fault = faultsOf(chosen.locations, deps.locations);
    return problem(503, 'Configuration is faulty', `Correct this setting and deploy again: ${fault}`);
  }
  const [only] = ready;
  if (chosen.locations.length === 1 && only) {
    const { run, joined } = await deps.startRun('trigger', only);
    return success({ run: viewRun(run, deps.world.now()), joined }, 202);
  }
  const runs = await Promise.all(chosen.locations.map((location) => triggerOne(location, deps)));
  return success({ runs }, 202);
}

/** One of several: its fault does not stop the others. */
async function triggerOne(location: Location, { startRun, log, world }: OperatorDeps) {
  const { id: locationId } = location;
  if (location.kind === 'faulty') return { location_id: locationId, error: location.fault };
  try {
    const { run, joined } = await startRun('trigger', location.settings);
    return { location_id: locationId, run: viewRun(run, world.now()), joined };
  } catch (thrown) {
    log('operator.failed', { locationId, error: errorText(thrown) });
    return { location_id: locationId, error: 'It could not be started; the log says why. Send it again.' };
  }
}

async function runs(request: Request, { env, locations, world }: OperatorDeps): Promise<Response> {
  const query = readQuery(request, RunsQuery);
  if (query.kind === 'bad') return badRequest(query);
  const { location, limit } = query.value;
  const chosen = chooseLocations(locations, location);
  if (chosen.kind === 'bad') return chosen.answer;
  const found = await Promise.all(chosen.locations.map(({ id }) => recentRuns(env.DB, id, limit)));
  const newest = found.flat().sort((a, b) => b.startedAt - a.startedAt);
  return success({
    runs: newest.slice(0, limit).map((run) => ({ location_id: run.locationId, ...viewRun(run, world.now()) })),
  });
}

async function doctor(request: Request, { locations, diagnose }: OperatorDeps): Promise<Response> {
  const query = readQuery(request, DoctorQuery);
  if (query.kind === 'bad') return badRequest(query);
  const { location, contact = null } = query.value;
  const chosen = chooseLocations(locations, location);
  if (chosen.kind === 'bad') return chosen.answer;
  if (contact !== null && chosen.locations.length > 1)
    return badRequest({ detail: 'There are several locations: add ?location= and the one that has this contact.' });
  const nowhere: Examinable = { id: null, kind: 'faulty', fault: locations.fault ?? 'There is no location.' };
  // A fault beyond a single location is told even where some can be examined.
  const whole = chosen.locations.length === 0 || locations.fault !== null ? [nowhere] : [];
  const examined = [...whole, ...chosen.locations];
  const ingestStatus = readIngestStatus(request.headers);
  const found = new Map<Examinable, ReturnType<typeof viewDiagnosis>>();
  await forEachLimit(examined, EXAMINED_AT_ONCE, async (one) => {
    found.set(one, viewDiagnosis(await diagnose(one, contact, ingestStatus)));
  });
  const reports = examined.flatMap((one) => found.get(one) ?? []);
  return success({ ok: reports.every(({ ok }) => ok), reports });
}

async function contact(request: IRequestStrict, deps: OperatorDeps): Promise<Response> {
  const chosen = await contactOf(request, deps);
  if (chosen.kind === 'bad') return chosen.answer;
  const { key } = chosen;
  const { env, world } = deps;
  const [story, letters] = await Promise.all([
    readStory(env.DB, key.locationId, key.contactId),
    deadLettersOfContact(env.DB, key.locationId, key.contactId, LETTERS_OF_CONTACT),
  ]);
  if (story.contact === null && letters.length === 0) return problem(404, 'Contact not known', NEVER_SEEN);
  return success(viewContact(key, story, letters, world.now()));
}

async function forgetOne(request: IRequestStrict, deps: OperatorDeps): Promise<Response> {
  const chosen = await contactOf(request, deps);
  if (chosen.kind === 'bad') return chosen.answer;
  const answer = await forget(chosen.key, deps.env.DB, deps.world.now());
  if (answer.ok) deps.log('contact.forgotten', { ...chosen.key });
  return answer;
}

async function retryOne(request: IRequestStrict, deps: OperatorDeps): Promise<Response> {
  const chosen = await contactOf(request, deps);
  return chosen.kind === 'bad' ? chosen.answer : retryContact(chosen.key, deps);
}

async function placeOne(request: IRequestStrict, deps: OperatorDeps): Promise<Response> {
  const chosen = await contactOf(request, deps);
  if (chosen.kind === 'bad') return chosen.answer;
  const answer = await placeAgain(chosen.key, deps);
  if (answer.ok) deps.log('contact.place_again', { ...chosen.key });
  return answer;
}

/** The contact that the path names, in the location that the query names or that knows it. */
async function contactOf(
  request: IRequestStrict,
  { env, locations }: OperatorDeps,
): Promise<{ kind: 'ok'; key: ContactKey } | { kind: 'bad'; answer: Response }> {
  const bad = (answer: Response) => ({ kind: 'bad', answer }) as const;
  const id = readContactId(request.params.id ?? '');
  if (id.kind === 'bad') return bad(badRequest(id));
  const query = readQuery(request, LocationQuery);
  if (query.kind === 'bad') return bad(badRequest(query));
  const chosen = chooseLocations(locations, query.value.location);
  if (chosen.kind === 'bad') return chosen;
  const among = chosen.locations.map((location) => location.id);
  const [locationId, ...more] = among.length > 1 ? await locationsOfContact(env.DB, among, id.value) : among;
  if (more.length > 0) {
    const several = [locationId, ...more].join(' and ');
    return bad(
      badRequest({ detail: `Locations ${several} have a contact of this id: add ?location= and one of them.` }),
    );
  }
  if (locationId === undefined) return bad(problem(404, 'Contact not known', NEVER_SEEN));
  return { kind: 'ok', key: { locationId, contactId: id.value } };
}

const NEVER_SEEN =
  'Either no webhook or backstop run has brought this contact yet, or it is of no concern: no route in SYNC_RULES matches its tags, and the dialer never held it. ' +
  'Check the id and the tags in GoHighLevel, and that the contact belongs to a location that the settings name; POST /sync/trigger looks at all contacts.';

async function deadLetters(request: Request, { env, world, locations }: OperatorDeps): Promise<Response> {
  const query = readQuery(request, DeadLettersQuery);
  if (query.kind === 'bad') return badRequest(query);
  const chosen = chooseLocations(locations, query.value.location);
  // Letters of a location that is no longer in the settings are still there to be looked at.
  if (chosen.kind === 'bad' && !(await hasLetters(env.DB, query.value.location ?? ''))) return chosen.answer;
  const { status, reason, location, contact, error, ids, older_than, newer_than, limit, cursor } = query.value;
  const now = world.now();
  const filter = {
    ids,
    reason,
    error,
    locationId: location,
    contactId: contact,
    status: status === 'all' ? undefined : status,
    before: older_than === undefined ? undefined : now - older_than,
    after: newer_than === undefined ? undefined : now - newer_than,
  };
  return success(viewDeadLetters(await listDeadLetters(env.DB, filter, limit, cursor ?? null)));
}

async function actOnLetters(request: Request, act: (ids: string[]) => Promise<object>): Promise<Response> {
  const query = readQuery(request, NoQuery);
  if (query.kind === 'bad') return badRequest(query);
  const ids = await readIds(request);
  if (ids.kind === 'bad') return badRequest(ids);
  return success(await act(ids.value));
}

function badRequest({ detail }: { detail: string }): Response {
  return problem(400, 'Bad request', detail);
}
