// The account's own API description, which names its contact fields; and its odd manners (docs/vendors.md, CallTools: API description).

import { json } from '../answers.ts';
import type { Visit } from '../front-door.ts';
import { fieldKinds } from './fields.ts';
import type { CallToolsSettings } from './settings.ts';

/** One of the four addresses that were seen; which one an account has is not known. */
export const DESCRIPTION_PATH = '/api/swagger/';

/** Swagger 2, as far as it speaks of contacts. `Accept: application/json` is answered with 406. */
export function describe(settings: CallToolsSettings, { headers }: Visit): Response {
  if (headers.get('accept')?.includes('application/json'))
    return json(406, { detail: 'Could not satisfy the request Accept header.' });
  const own = Object.fromEntries([...fieldKinds(settings).keys()].map((name) => [name, { type: 'string' }]));
  const lists = { add_buckets: { type: 'array' }, remove_buckets: { type: 'array' }, add_tags: { type: 'array' } };
  return json(200, {
    swagger: '2.0',
    paths: { '/contacts/': {} },
    definitions: {
      Bucket: { properties: { id: {}, name: {} } },
      Contact: { properties: { id: {}, ...own, ...lists } },
    },
  });
}
