// Operator routes: ingest checks the token, the consumer answers.

import { errorText } from '../../shared/harmless.ts';
import { INGEST_STATUS_HEADER, type IngestStatus } from '../../shared/ingest-status.ts';
import type { Log } from '../../shared/log.ts';
import type { Env } from './env.ts';
import { type Refusal, refusalAnswer } from './responses.ts';
import { bearerToken, sameSecret } from './secret.ts';
import type { Settings } from './settings.ts';

/** The refusal of a request without the operator's token, the same for every fault; null where it may pass. */
export async function operatorRefusal(request: Request, adminToken: string): Promise<Refusal | null> {
  return (await sameSecret(bearerToken(request), adminToken)) ? null : { reason: 'wrong_admin_token' };
}

/** What the doctor may know of ingest's settings: not a secret, only whether there is one. */
export function ingestStatusOf({
  locations,
  appIds,
  webhookSecrets,
  workflowToken,
  callHookToken,
}: Settings): IngestStatus {
  return {
    locationIds: [...locations],
    apps: appIds.size,
    hmac: webhookSecrets.length > 0,
    workflow: workflowToken.length > 0,
    calls: callHookToken.length > 0,
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
