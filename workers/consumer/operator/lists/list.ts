// The form of every list of /api/v1.

import type { List } from '../../../../shared/api/lists.ts';

/** `{"success":true,"data":[…],"next":…}`, with what else the list says. */
export function listOf<Answer extends List<unknown>>(answer: Answer): Response {
  return new Response(JSON.stringify({ success: true, ...answer }), {
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
  });
}
