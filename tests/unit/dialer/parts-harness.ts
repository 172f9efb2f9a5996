// A contact in several buckets, and what CallTools refuses of its withdrawal.

import { COLD, dialerStage, jsonAnswer, type Meddle, PHONE, WARM } from '../../support/vendor-harness.ts';

export const FORBIDDEN = () => jsonAnswer(403, { detail: 'You do not have permission to perform this action.' });
const MANAGED = { buckets: [COLD, WARM], tags: ['a', 'b'] };

/** CallTools answers so to each PATCH whose path and body have this text. */
export function refusing(text: RegExp, answer: () => Response): Meddle {
  return async (request, handle) => {
    const what = `${new URL(request.url).pathname} ${await request.clone().text()}`;
    return request.method === 'PATCH' && text.test(what) ? answer() : handle(request);
  };
}

/** A contact in two buckets of ours and with two tags of ours. */
export function inAll(account: Parameters<typeof dialerStage>[0] = {}) {
  const stage = dialerStage(account, { managed: MANAGED });
  const { id } = stage.vendor.addContactByHand({ mobile_phone_number: PHONE, ...MANAGED });
  const bucket = (name: string) => stage.vendor.bucketNamed(name)?.id;
  return { ...stage, stage, id, bucket };
}

/** A 400 that complains about these fields. */
export const fields = (...names: string[]) => jsonAnswer(400, Object.fromEntries(names.map((name) => [name, ['No.']])));
