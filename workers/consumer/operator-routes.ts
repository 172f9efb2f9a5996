// The operator's routes. Who asks was checked by ingest: this worker has no public address.

import type { Queue } from '@cloudflare/workers-types';
import { type IRequestStrict, IttyRouter } from 'itty-router';
import { type Doors, readDoors } from '../../shared/doors.ts';
import type { Log } from '../../shared/log.ts';
import type { Message } from '../../shared/messages.ts';
import { problem } from '../../shared/problem.ts';
import { readCircuits } from './circuit-store.ts';
import { readStory } from './contact-story-store.ts';
import { viewContact } from './contact-view.ts';
import { deadLettersOfContact, listDeadLetters } from './dead-letter-list-store.ts';
import { discardLetters, replayLetters, type Settled } from './dead-letter-replay.ts';
import { viewDeadLetters } from './dead-letter-view.ts';
import { type Diagnosis, DoctorQuery, viewDiagnosis } from './doctor.ts';
import type { Env, World } from './env.ts';
import { success } from './operator-answer.ts';
import { DeadLettersQuery, type Parsed, RunsQuery, readContactId, readIds, readQuery } from './operator-query.ts';
import { type Run, recentRuns } from './run-store.ts';
import { viewRun } from './run-view.ts';
import { readCounts } from './stats-store.ts';
import { viewStats } from './stats-view.ts';

/** What the routes need of the worker. */
export interface OperatorDeps {
  env: { DB: Env['DB']; EVENTS: Pick<Queue<Message>, 'sendBatch'>; GHL_LOCATION_ID?: string | undefined };
  world: Pick<World, 'now' | 'newId'>;
  log: Log;
  /** The message of `readSettings`' error; null when the settings are fine. */
  configurationError: string | null;
  /** Starts a backstop run, or joins the running one. */
  startRun(startedBy: 'trigger'): Promise<{ run: Run; joined: boolean }>;
  /** Checks all that can be wrong; where a contact is named, its membership too. */
  diagnose(contactId: string | null, doors: Doors | null): Promise<Diagnosis>;
}

/** Dead letters shown with a contact. */
const LETTERS_OF_CONTACT = 20;

const routes = createOperatorRoutes();

/** The answer to an operator's request. Never throws. */
export async function handleOperator(request: Request, deps: OperatorDeps): Promise<Response> {
  try {
    return await routes.fetch(request, deps);
  } catch (error) {
    deps.log('operator.failed', { error: error instanceof Error ? error.message : String(error) });
    return problem(
      503,
      'Not done',
      'The request could not be finished, most likely because the database did not answer; the log says more (operator.failed). Send it again: nothing is harmed by doing it twice.',
      { 'retry-after': '5' },
    );
  }
}

/** The router; `fetch` throws what D1 or `startRun` throw. */
export function createOperatorRoutes() {
  const router = IttyRouter<IRequestStrict, [OperatorDeps]>();
  const route = (
    method: 'GET' | 'POST',
    path: string,
    handle: (request: IRequestStrict, deps: OperatorDeps) => Promise<Response>,
  ) => {
    if (method === 'GET') router.get(path, handle);
    else router.post(path, handle);
    router.all(path, () => problem(405, 'Method not allowed', `Use ${method}.`, { allow: method }));
  };

  route('GET', '/sync/stats', stats);
  route('POST', '/sync/trigger', trigger);
  route('GET', '/sync/runs', runs);
  route('GET', '/doctor', doctor);
  route('GET', '/contacts/:id', contact);
  route('GET', '/dead-letters', deadLetters);
  route('POST', '/dead-letters/replay', (request, deps) => settle(request, deps, replayLetters));
  route('POST', '/dead-letters/discard', (request, deps) => settle(request, deps, discardLetters));
  router.all('*', () => problem(404, 'Not found', `There are: ${PATHS}.`));
  return router;
}

const PATHS =
  'GET /sync/stats, POST /sync/trigger, GET /sync/runs, GET /doctor, GET /contacts/:id, GET /dead-letters, POST /dead-letters/replay, POST /dead-letters/discard';

async function stats(_request: Request, { env, world, configurationError }: OperatorDeps): Promise<Response> {
  const locationId = locationOf(env);
  const [counts, circuits, [lastRun]] = await Promise.all([
    readCounts(env.DB, locationId),
    readCircuits(env.DB, locationId),
    recentRuns(env.DB, locationId, 1),
  ]);
  const facts = { locationId, counts, circuits, lastRun: lastRun ?? null, configurationError, now: world.now() };
  return success(viewStats(facts));
}

async function trigger(_request: Request, { configurationError, startRun }: OperatorDeps): Promise<Response> {
  if (configurationError !== null) {
    return problem(503, 'Configuration is faulty', `Correct this setting and deploy again: ${configurationError}`);
  }
  const { run, joined } = await startRun('trigger');
  return success({ run: viewRun(run), joined }, 202);
}

async function runs(request: Request, { env }: OperatorDeps): Promise<Response> {
  const query = readQuery(request, RunsQuery);
  if (query.kind === 'bad') return badRequest(query);
  return success({ runs: (await recentRuns(env.DB, locationOf(env), query.value.limit)).map(viewRun) });
}

async function doctor(request: Request, { diagnose }: OperatorDeps): Promise<Response> {
  const query = readQuery(request, DoctorQuery);
  if (query.kind === 'bad') return badRequest(query);
  return success(viewDiagnosis(await diagnose(query.value.contact ?? null, readDoors(request.headers))));
}

async function contact({ params }: IRequestStrict, { env, world }: OperatorDeps): Promise<Response> {
  const id = readContactId(params.id ?? '');
  if (id.kind === 'bad') return badRequest(id);
  const key = { locationId: locationOf(env), contactId: id.value };
  const [story, letters] = await Promise.all([
    readStory(env.DB, key.locationId, key.contactId),
    deadLettersOfContact(env.DB, key.locationId, key.contactId, LETTERS_OF_CONTACT),
  ]);
  if (story.contact === null && letters.length === 0) return problem(404, 'Contact not known', NEVER_SEEN);
  return success(viewContact(key, story, letters, world.now()));
}

const NEVER_SEEN =
  'Either no webhook or backstop run has brought this contact yet, or it is of no concern: no route in SYNC_RULES matches its tags, and the dialer never held it. ' +
  'Check the id and the tags in GoHighLevel, and that the contact belongs to the location set as GHL_LOCATION_ID; POST /sync/trigger looks at all contacts.';

async function deadLetters(request: Request, { env, world }: OperatorDeps): Promise<Response> {
  const query = readQuery(request, DeadLettersQuery);
  if (query.kind === 'bad') return badRequest(query);
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

async function settle(
  request: Request,
  deps: OperatorDeps,
  act: (ids: string[], deps: OperatorDeps) => Promise<Settled[]>,
): Promise<Response> {
  const ids = await readIds(request);
  if (ids.kind === 'bad') return badRequest(ids);
  return success({ outcomes: await act(ids.value, deps) });
}

function badRequest({ detail }: Extract<Parsed<unknown>, { kind: 'bad' }>): Response {
  return problem(400, 'Bad request', detail);
}

/** Empty where it is not set: then no row matches, and the configuration error says why. */
function locationOf({ GHL_LOCATION_ID = '' }: OperatorDeps['env']): string {
  return GHL_LOCATION_ID.trim();
}
