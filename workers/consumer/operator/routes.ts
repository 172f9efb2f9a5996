// The operator's routes. Ingest has checked the token: this worker has no public address.

import { type IRequestStrict, IttyRouter } from 'itty-router';
import { errorText } from '../../../shared/harmless.ts';
import { methodsOf, nameOf, OPERATOR_ROUTES, type RouteName } from '../../../shared/operator-routes.ts';
import { problem } from '../../../shared/problem.ts';
import { audit, audited } from './audit.ts';
import { contact, contactFields, forgetContact, placeContact, recheckContact, retryContact } from './contact-routes.ts';
import { deadLetters, discard, replay } from './dead-letter-routes.ts';
import type { Handler, OperatorDeps } from './deps.ts';
import { activity } from './lists/activity.ts';
import { contacts } from './lists/contacts.ts';
import { findContacts } from './lists/find.ts';
import { discardLetters, letterGroups, letters } from './lists/letters.ts';
import { replayProgress, replays, startReplays } from './lists/replays.ts';
import { rules } from './lists/rules.ts';
import { oneRun, runContacts, runList } from './lists/runs.ts';
import { settings } from './lists/settings.ts';
import { testAlert } from './lists/test-alert.ts';
import { previewRules, testRules } from './rules-routes.ts';
import { runs, trigger } from './run-routes.ts';
import { doctor, history, metrics, overview, stats } from './status-routes.ts';

const HANDLERS: Record<RouteName, Handler> = {
  'GET /api/v1/overview': overview,
  'GET /api/v1/history': history,
  'GET /api/v1/rules': rules,
  'POST /api/v1/rules/test': testRules,
  'POST /api/v1/rules/preview': previewRules,
  'GET /api/v1/audit': audit,
  'GET /api/v1/settings': settings,
  'POST /api/v1/alerts/test': testAlert,
  'GET /api/v1/doctor': doctor,
  'GET /metrics': metrics,
  'GET /api/v1/contacts': contacts,
  'POST /api/v1/contacts/find': findContacts,
  'GET /api/v1/dead-letters': letters,
  'GET /api/v1/dead-letters/groups': letterGroups,
  'POST /api/v1/discards': discardLetters,
  'POST /api/v1/replays': startReplays,
  'GET /api/v1/replays': replays,
  'GET /api/v1/replays/:replay': replayProgress,
  'GET /api/v1/runs': runList,
  'GET /api/v1/runs/:run': oneRun,
  'GET /api/v1/runs/:run/contacts': runContacts,
  'GET /api/v1/activity': activity,
  'GET /sync/stats': stats,
  'POST /sync/trigger': trigger,
  'GET /sync/runs': runs,
  'GET /contacts/:id': contact,
  'GET /contacts/:id/fields': contactFields,
  'POST /contacts/:id/forget': forgetContact,
  'POST /contacts/:id/place': placeContact,
  'POST /contacts/:id/recheck': recheckContact,
  'POST /contacts/:id/retry': retryContact,
  'GET /dead-letters': deadLetters,
  'POST /dead-letters/replay': replay,
  'POST /dead-letters/discard': discard,
  'GET /doctor': doctor,
};

const router = createRouter();

/** The answer to an operator's request. Never throws. */
export async function handleOperator(request: Request, deps: OperatorDeps): Promise<Response> {
  try {
    return await router.fetch(request, deps);
  } catch (error) {
    deps.log('operator.failed', { error: errorText(error) });
    return problem(
      503,
      'Not done',
      'The request could not be finished, most likely because the database did not answer. The log says more (operator.failed). Send it again: doing it twice does no harm.',
      { 'retry-after': '5' },
    );
  }
}

function createRouter() {
  const made = IttyRouter<IRequestStrict, [OperatorDeps]>();
  for (const route of OPERATOR_ROUTES) {
    const { method, path } = route;
    const handler = audited(route, HANDLERS[nameOf(route)]);
    if (method === 'GET') made.get(path, handler);
    else made.post(path, handler);
  }
  for (const { path } of OPERATOR_ROUTES) {
    const allow = methodsOf(path);
    made.all(path, () => problem(405, 'Method not allowed', `Use ${allow}.`, { allow }));
  }
  made.all('*', () => problem(404, 'Not found', `There are: ${OPERATOR_ROUTES.map(nameOf).join(', ')}.`));
  return made;
}
