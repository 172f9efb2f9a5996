// Which path leads where. A trailing slash is the same path: GoHighLevel counts a redirect as a failure (facts/gohighlevel.md 2).

import { type IRequestStrict, IttyRouter } from 'itty-router';

import { json, type Refusal } from './responses.ts';

/** What each route does; every one returns an answer, but `admit` nothing where the operator may pass. */
export interface Handlers<Visit> {
  webhook(request: Request, visit: Visit): Promise<Response>;
  workflowWebhook(request: Request, visit: Visit): Promise<Response>;
  admit(request: Request, visit: Visit): Promise<Response | undefined>;
  pass(request: Request, visit: Visit): Promise<Response>;
  refuse(refusal: Refusal, visit: Visit): Promise<Response>;
}

export interface Routes<Visit> {
  fetch(request: Request, visit: Visit): Promise<Response>;
}

const OPERATOR_AREAS = ['/sync/*', '/contacts/*', '/dead-letters/*', '/doctor', '/api/*'];
/** The dashboard: files without data, for whoever asks. */
const PAGES = ['/', '/dashboard/*'];
const OPERATOR_ROUTES = [
  ['GET', '/sync/stats'],
  ['POST', '/sync/trigger'],
  ['GET', '/sync/runs'],
  ['GET', '/doctor'],
  ['GET', '/contacts/:id'],
  ['POST', '/contacts/:id/forget'],
  ['POST', '/contacts/:id/retry'],
  ['POST', '/contacts/:id/place'],
  ['GET', '/dead-letters'],
  ['POST', '/dead-letters/replay'],
  ['POST', '/dead-letters/discard'],
  ['GET', '/api/v1/overview'],
  ['GET', '/api/v1/history'],
] as const;

/** The router; `fetch` throws only what a handler throws. */
export function createRoutes<Visit>({ webhook, workflowWebhook, admit, pass, refuse }: Handlers<Visit>): Routes<Visit> {
  const router = IttyRouter<IRequestStrict, [Visit]>();
  const only = (allow: string) => (_request: Request, visit: Visit) =>
    refuse({ reason: 'method_not_allowed', allow }, visit);

  router.post('/webhook/ghl', webhook).all('/webhook/ghl', only('POST'));
  router.post('/webhook/ghl-workflow', workflowWebhook).all('/webhook/ghl-workflow', only('POST'));

  router.get('/health', () => json(200, { status: 'ok' }));
  router.head(
    '/health',
    () => new Response(null, { headers: { 'content-type': 'application/json', 'cache-control': 'no-store' } }),
  );
  router.all('/health', only('GET, HEAD'));

  for (const page of PAGES) router.get(page, pass).all(page, only('GET'));

  for (const area of OPERATOR_AREAS) router.all(area, admit);
  for (const [method, path] of OPERATOR_ROUTES) {
    if (method === 'GET') router.get(path, pass);
    else router.post(path, pass);
    router.all(path, only(method));
  }
  router.all('*', (_request: Request, visit: Visit) => refuse({ reason: 'unknown_path' }, visit));
  return router;
}
