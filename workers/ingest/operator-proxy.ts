// Operator routes: ingest checks the token and what its role may do, the consumer answers.

import { errorText } from '../../shared/harmless.ts';
import { INGEST_STATUS_HEADER, type IngestStatus, type Role } from '../../shared/ingest-status.ts';
import type { Log } from '../../shared/log.ts';
import { actionOf, type OperatorRoute } from '../../shared/operator-routes.ts';
import type { Env } from './env.ts';
import { type Refusal, refusalAnswer } from './responses.ts';
import { areSameSetting, bearerToken, sameSecret } from './secret.ts';
import type { Settings } from './settings.ts';

/** The role that the token of a request proves; null where it proves none. The work is the same for every token, set or not. */
export async function roleOf(
  request: Request,
  { adminToken, viewerToken }: Pick<Settings, 'adminToken' | 'viewerToken'>,
): Promise<Role | null> {
  const token = bearerToken(request);
  const [operator, viewer] = await Promise.all([sameSecret(token, adminToken), sameSecret(token, viewerToken)]);
  // Where both are the same, nobody knows who asks: the lesser role counts.
  return viewer ? 'viewer' : operator ? 'operator' : null;
}

/** The refusal of an action without the operator's token; null where the request may pass. */
export function actionRefusal(request: Request, route: OperatorRoute, role: Role | undefined): Refusal | null {
  const action = actionOf(route, new URL(request.url).searchParams);
  return action === null || role === 'operator' ? null : { reason: 'viewer_may_not_act' };
}

/** What the doctor may know of ingest's settings: not a secret, only whether there is one. */
export function ingestStatusOf({
  locations,
  appIds,
  webhookSecrets,
  workflowToken,
  callHookToken,
  adminToken,
  viewerToken,
}: Settings): Omit<IngestStatus, 'role'> {
  return {
    locationIds: [...locations],
    apps: appIds.size,
    hmac: webhookSecrets.length > 0,
    workflow: workflowToken.length > 0,
    calls: callHookToken.length > 0,
    viewer: viewerToken === '' ? 'off' : areSameSetting(viewerToken, adminToken) ? 'same' : 'on',
  };
}

/** The consumer's answer. The token stays here: the consumer has no public route and does not need it. */
export async function passToConsumer(
  request: Request,
  env: Env,
  log: Log,
  ingestStatus: IngestStatus,
): Promise<Response> {
  const headers = new Headers(request.headers);
  headers.delete('authorization');
  headers.set(INGEST_STATUS_HEADER, JSON.stringify(ingestStatus));
  const url = new URL(request.url);
  url.pathname = url.pathname.replace(/\/+$/, '');
  try {
    return await env.CONSUMER.fetch(new Request(new Request(url.href, request), { headers, redirect: 'manual' }));
  } catch (error) {
    log('webhook.consumer_unreachable', { error: errorText(error) });
    return refusalAnswer({ reason: 'consumer_unreachable' });
  }
}
