// POST /webhook/ghl: the request's bytes, verified before anything is parsed.

import { readBody } from './body.ts';
import { type Basis, type Decision, refused } from './decision.ts';
import { verifySignature } from './signature.ts';
import { classifyWebhook } from './webhook.ts';

export async function decideWebhook(request: Request, { settings, keyring, now }: Basis): Promise<Decision> {
  const body = await readBody(request);
  if (body.kind === 'refused') return refused({ reason: body.reason });

  const verdict = await verifySignature(request.headers, body.bytes, settings, keyring);
  if (verdict.kind === 'refused') return refused(verdict.refusal);

  return classifyWebhook(body.bytes, verdict.scheme, settings, now());
}
