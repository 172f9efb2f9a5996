// Assumptions of GoHighLevel that reads alone can try.

import { isDataType } from '../../../sandbox/gohighlevel/custom-fields.ts';
import { lacksScope } from '../../../workers/consumer/vendors/gohighlevel-errors.ts';
import { assumption, NOTHING, TELL_US } from '../assumption.ts';
import type { Reply } from '../caller.ts';
import { NotTried } from '../endings.ts';
import { listOf, objectOf, type Row } from '../rows.ts';
import { refusing, USUAL } from '../sandbox-account.ts';
import type { Trial } from '../trial.ts';

const FIELD = { fieldKey: 'contact.roof', dataType: 'TEXT', model: 'contact' } as const;

async function customFields({ caller, settings: { locationId } }: Trial): Promise<Row[]> {
  const path = '/locations/{id}/customFields';
  const reply = await caller.read('gohighlevel', { method: 'GET', path, id: locationId, query: { model: 'contact' } });
  if (!reply.ok)
    throw new NotTried(`GoHighLevel answered ${reply.status}: the scope is locations/customFields.readonly.`);
  const fields = listOf(objectOf(reply.json).customFields);
  if (fields.length === 0) throw new NotTried('The location has no custom fields.');
  return fields;
}

function pipelines({ caller, settings: { locationId } }: Trial): Promise<Reply> {
  return caller.read('gohighlevel', { method: 'GET', path: '/opportunities/pipelines', query: { locationId } });
}

export const GOHIGHLEVEL_LISTS = [
  assumption({
    id: 'ghl-field-names',
    section: 'GoHighLevel: custom fields',
    assumes: 'Two custom fields may have the same name.',
    facts: ['Names need not be unique (inferred)'],
    answers: {
      unique: { holds: true, seen: 'Every custom field has a name of its own.', todo: NOTHING, sandbox: USUAL },
      repeated: {
        holds: true,
        seen: 'Several custom fields have the same name.',
        todo: 'Name those by their key in FIELD_MAP, such as custom:contact.roof.',
        sandbox: {
          ghl: { customFields: ['1', '2'].map((id) => ({ ...FIELD, id: id.padEnd(20, '0'), name: 'Roof' })) },
        },
      },
    },
    async ask(trial) {
      const names = (await customFields(trial)).map(({ name }) => String(name).trim().toLowerCase());
      return new Set(names).size === names.length ? 'unique' : 'repeated';
    },
  }),

  assumption({
    id: 'ghl-field-types',
    section: 'GoHighLevel: custom fields',
    assumes: 'Custom fields have the types that we know, MONETORY among them.',
    facts: ['An amount of money has the type `MONETORY`, spelled like that (seen)'],
    answers: {
      known: { holds: true, seen: 'Every type is one that we know.', todo: NOTHING, sandbox: USUAL },
      other: {
        holds: false,
        seen: 'A custom field has a type that we do not know.',
        todo: 'Say in FIELD_MAP with "as" how that field is written, and tell us its type.',
        sandbox: {
          ghl: { customFields: [{ ...FIELD, id: '1'.padEnd(20, '0'), name: 'Roof', dataType: 'SIGNATURE' }] },
        },
      },
    },
    async ask(trial) {
      return (await customFields(trial)).every(({ dataType }) => isDataType(dataType)) ? 'known' : 'other';
    },
  }),

  assumption({
    id: 'ghl-stages',
    section: 'GoHighLevel: opportunities',
    assumes: 'A stage of a pipeline is shown with its id and its name.',
    facts: ['What a stage looks like is not documented: `{id, name, position}` (seen, several code bases)'],
    answers: {
      named: { holds: true, seen: 'Every stage has an id and a name.', todo: NOTHING, sandbox: USUAL },
      otherwise: {
        holds: false,
        seen: 'A stage has no id or no name.',
        todo: 'Write the ids of stages into the rules, not their names, and tell us.',
        sandbox: {
          reshape: (told, { path }) =>
            path === '/opportunities/pipelines'
              ? { ...told, json: { pipelines: [{ id: 'p', stages: [{ key: 's' }] }] } }
              : told,
        },
      },
    },
    async ask(trial) {
      const reply = await pipelines(trial);
      if (!reply.ok) throw new NotTried(`GoHighLevel answered ${reply.status}: the scope is opportunities.readonly.`);
      const stages = listOf(objectOf(reply.json).pipelines).flatMap((one) => listOf(one.stages));
      if (stages.length === 0) throw new NotTried('The location has no pipeline with a stage.');
      return stages.every(({ id, name }) => typeof id === 'string' && typeof name === 'string') ? 'named' : 'otherwise';
    },
  }),

  assumption({
    id: 'ghl-scope-words',
    section: 'GoHighLevel: opportunities',
    assumes: 'A token without the scope is told so in words that we know.',
    facts: ['Without it: 401 "The token is not authorized for this scope." (seen, issue #217)'],
    answers: {
      granted: { holds: true, seen: 'The token has the scope opportunities.readonly.', todo: NOTHING, sandbox: USUAL },
      known: {
        holds: true,
        seen: 'The refusal names the scope.',
        todo: 'Give the token the scope opportunities.readonly if a rule asks for opportunities.',
        sandbox: { ghl: { scopes: ['contacts.readonly'] } },
      },
      otherwise: {
        holds: false,
        seen: 'The refusal does not name the scope.',
        todo: TELL_US,
        sandbox: {
          instead: refusing('GET', /^\/opportunities\/pipelines$/, 403, { statusCode: 403, message: 'Forbidden' }),
        },
      },
    },
    async ask(trial) {
      const { ok, status, json } = await pipelines(trial);
      return ok ? 'granted' : lacksScope({ status, json }) ? 'known' : 'otherwise';
    },
  }),

  assumption({
    id: 'ghl-search-opportunities',
    section: 'GoHighLevel: opportunities',
    assumes: 'A row of the contact search lists the opportunities of the contact.',
    facts: ['Nobody has shown such a row'],
    answers: {
      listed: {
        holds: true,
        seen: 'Rows of the search list opportunities.',
        todo: 'Nothing to set. Nights need no search for each opportunity.',
        sandbox: { ghl: { searchShowsOpportunities: true } },
      },
      absent: {
        holds: false,
        seen: 'Rows of the search list no opportunities.',
        todo: 'Nothing to set: where a rule asks for opportunities, they are searched by themselves.',
        sandbox: USUAL,
      },
    },
    async ask({ caller, settings: { locationId } }) {
      const body = { locationId, pageLimit: 5 };
      const reply = await caller.read('gohighlevel', { method: 'POST', path: '/contacts/search', body });
      const rows = listOf(objectOf(reply.json).contacts);
      if (rows.length === 0) throw new NotTried('The search shows no contact.');
      return rows.some(({ opportunities }) => Array.isArray(opportunities)) ? 'listed' : 'absent';
    },
  }),
];
