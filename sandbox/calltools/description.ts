// The account's own API description, which names its contact fields with their types and choices; and its odd manners
// (docs/vendors.md, CallTools: API description).

import { json } from '../answers.ts';
import type { Visit } from '../front-door.ts';
import { type Field, fieldsOf } from './fields.ts';
import type { CallToolsSettings } from './settings.ts';
import { ID_FIELDS } from './write.ts';

/** One of the four addresses that were seen; which one an account has is not known. */
export const DESCRIPTION_PATH = '/api/swagger/';

/** What a contact shows and nobody writes (docs/vendors.md, CallTools: contact fields), as far as the sandbox shows it. */
const READ_ONLY = {
  id: { type: 'integer', readOnly: true },
  uuid: { type: 'string', format: 'uuid', readOnly: true },
  created_on: { type: 'string', format: 'date-time', readOnly: true },
  updated_on: { type: 'string', format: 'date-time', readOnly: true },
};
const LISTS = Object.fromEntries(ID_FIELDS.map((name) => [name, { type: 'array', items: { type: 'integer' } }]));

/** Swagger 2, as far as it speaks of contacts. `Accept: application/json` is answered with 406. */
export function describe(settings: CallToolsSettings, { headers }: Visit): Response {
  if (headers.get('accept')?.includes('application/json'))
    return json(406, { detail: 'Could not satisfy the request Accept header.' });
  const own = Object.fromEntries([...fieldsOf(settings)].map(([name, field]) => [name, schemaOf(field)]));
  return json(200, {
    swagger: '2.0',
    paths: { '/contacts/': {} },
    definitions: {
      Bucket: { properties: { id: {}, name: {} } },
      Contact: { properties: { ...READ_ONLY, ...own, ...LISTS } },
    },
  });
}

/** In the words of Swagger 2. How an account spells its choices is not known: here as `enum`, which is the standard's way. */
function schemaOf({ type, choices }: Field): Record<string, unknown> {
  switch (type) {
    case 'number':
    case 'boolean':
      return { type };
    case 'date':
      return { type: 'string', format: 'date' };
    case 'time':
      return { type: 'string', format: 'date-time' };
    case 'user':
      return { type: 'string', format: 'uuid' };
    case 'choice':
      return { type: 'string', enum: choices };
    default:
      return { type: 'string' };
  }
}
