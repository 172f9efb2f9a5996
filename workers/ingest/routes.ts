// Which path leads where. A trailing slash is the same path: GoHighLevel counts a redirect as a failure (docs/vendors.md).

import { type IRequestStrict, IttyRouter } from 'itty-router';
import { opensDashboard } from '../../shared/dashboard-pages.ts';
import { methodsOf, OPERATOR_ROUTES, type OperatorRoute } from '../../shared/operator-routes.ts';
import { json, type Refusal } from './responses.ts';

/** What each route does. Each returns an answer; `admit` returns nothing where an operator or a viewer may pass. */
export interface Handlers<Context> {
  webhook(request: Request, context: Context): Promise<Response>;
  workflowWebhook(request: Request, context: Context): Promise<Response>;
  callHook(request: Request, context: Context): Promise<Response>;
  admit(request: Request, context: Context): Promise<Response | undefined>;
  operate(request: Request, context: Context, route: OperatorRoute): Promise<Response>;
  pass(request: Request, context: Context): Promise<Response>;
  refuse(refusal: Refusal, context: Context): Promise<Response>;
}

/** The router. */
export interface Routes<Context> {
  fetch(request: Request, context: Context): Promise<Response>;
}

const WEBHOOK_PATH = '/webhook/ghl';

/** Addresses of the dashboard below which the API has nothing. */
const PAGES_ONLY = ['/', '/failed', '/activity', '/syncs/*', '/rules', '/check-up'];
/** Every path below these needs the operator's token, also one without a route. */
const OPERATOR_AREAS = ['/sync/*', '/contacts/*', '/dead-letters/*', '/doctor', '/metrics', '/api/*', ...PAGES_ONLY];

/** The router; `fetch` throws only what a handler throws. */
export function createRoutes<Context>(handlers: Handlers<Context>): Routes<Context> {
  const { webhook, workflowWebhook, callHook, admit, operate, pass, refuse } = handlers;
  const router = IttyRouter<IRequestStrict, [Context]>();
  const only = (allow: string) => (_request: Request, context: Context) =>
    refuse({ reason: 'method_not_allowed', allow }, context);

  router.post(WEBHOOK_PATH, webhook).all(WEBHOOK_PATH, only('POST'));
  router.post('/webhook/ghl-workflow', workflowWebhook).all('/webhook/ghl-workflow', only('POST'));
  router.post('/webhook/calltools', callHook).all('/webhook/calltools', only('POST'));

  const health = () => json(200, { status: 'ok' });
  router.get('/health', health);
  router.head('/health', () => new Response(null, { headers: health().headers }));
  router.all('/health', only('GET, HEAD'));

  // The dashboard's files hold no data, so they need no token.
  router.get('/dashboard/*', pass).all('/dashboard/*', only('GET'));
  // All its addresses are one page, and that is all that is asked for: without a token no path of the API gets to the consumer.
  router.get('*', (request: Request, context: Context) =>
    opensDashboard(request) ? pass(new Request(new URL('/', request.url), request), context) : undefined,
  );

  for (const area of OPERATOR_AREAS) router.all(area, admit);
  for (const route of OPERATOR_ROUTES) {
    const { method, path } = route;
    const answer = (request: Request, context: Context) => operate(request, context, route);
    if (method === 'GET') router.get(path, answer);
    else router.post(path, answer);
  }
  for (const { path } of OPERATOR_ROUTES) router.all(path, only(methodsOf(path)));
  router.all('*', (_request: Request, context: Context) => refuse({ reason: 'unknown_path' }, context));
  return {
    fetch: (request, context) =>
      isPlainWebhook(request) ? webhook(request, context) : router.fetch(request as IRequestStrict, context),
  };
}

/** As nearly all requests are, so the router is not asked: taking their address apart would cost a tenth of a webhook's CPU time. */
function isPlainWebhook({ method, url }: Request): boolean {
  if (method !== 'POST' || !url.endsWith(WEBHOOK_PATH)) return false;
  return url.indexOf('/', url.indexOf('//') + 2) === url.length - WEBHOOK_PATH.length;
}
