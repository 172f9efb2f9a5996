// Lists of the two accounts by which settings name fields and users. Work goes on without them, so nothing follows from a refusal.

import * as v from 'valibot';
import { type AccountUser, type CustomField, isUserId } from '../domain/fields/field-plan.ts';
import type { Request } from './call.ts';
import { listOf } from './calltools-lists.ts';
import type { Http } from './http.ts';

/** What GoHighLevel's account has. Each call throws VendorError. */
export interface GhlLists {
  /** The custom fields of contacts. Needs the scope locations/customFields.readonly. */
  customFields(): Promise<CustomField[]>;
  /** The users of the location. Needs the scope users.readonly. */
  users(): Promise<AccountUser[]>;
}

const ASIDE = { method: 'GET', about: 'list', aside: true } as const satisfies Omit<Request, 'path'>;

const Fields = v.looseObject({ customFields: v.array(v.unknown()) });
const Text = v.fallback(v.nullish(v.string()), null);
const Field = v.object({
  id: v.string(),
  name: Text,
  fieldKey: Text,
  model: Text,
  dataType: Text,
  picklistOptions: v.fallback(v.optional(v.array(v.string()), []), []),
});
const Users = v.looseObject({ users: v.array(v.unknown()) });
const GhlUser = v.object({ id: v.string(), email: Text });
const CallToolsUser = v.object({
  app_user: Text,
  id: Text,
  uuid: Text,
  email: Text,
  username: Text,
  full_name: Text,
  first_name: Text,
  last_name: Text,
  name: Text,
});

/** The lists of one location (docs/vendors.md, GoHighLevel: custom fields; GoHighLevel: users). */
export function ghlLists(http: Http, locationId: string): GhlLists {
  const location = encodeURIComponent(locationId);
  return {
    async customFields() {
      const path = `/locations/${location}/customFields?model=contact`;
      const answer = await http.call({ ...ASIDE, path, shape: Fields });
      const rows = answer.ok ? rowsOf(Field, answer.data.customFields) : [];
      return rows
        .filter(({ model }) => (model ?? 'contact') === 'contact')
        .map(({ id, name, fieldKey, dataType, picklistOptions: options }) => ({
          ...{ id, key: fieldKey ?? null, name: name ?? null },
          ...{ dataType: dataType ?? null, options },
        }));
    },

    async users() {
      const answer = await http.call({ ...ASIDE, path: `/users/?locationId=${location}`, shape: Users });
      return answer.ok
        ? rowsOf(GhlUser, answer.data.users).map(({ id, email }) => ({ id, names: named([email]) }))
        : [];
    },
  };
}

/** The users of a CallTools account, with what the setting may call them (docs/vendors.md, CallTools: users). Throws VendorError. */
export async function callToolsUsers(http: Http): Promise<AccountUser[]> {
  const users: AccountUser[] = [];
  for await (const row of listOf(http, '/users/', ASIDE, '?page_size=250')) {
    const [user] = rowsOf(CallToolsUser, [row]);
    if (!user) continue;
    const id = named([user.app_user, user.id, user.uuid]).find(isUserId);
    const full = `${user.first_name ?? ''} ${user.last_name ?? ''}`;
    if (id) users.push({ id, names: named([user.email, user.username, user.name, user.full_name, full]) });
  }
  return users;
}

/** Those that can be read. */
function rowsOf<T>(row: v.GenericSchema<unknown, T>, rows: readonly unknown[]): T[] {
  return rows.flatMap((one) => {
    const parsed = v.safeParse(row, one);
    return parsed.success ? [parsed.output] : [];
  });
}

function named(names: readonly (string | null | undefined)[]): string[] {
  return names.filter((name) => typeof name === 'string' && name.trim() !== '') as string[];
}
