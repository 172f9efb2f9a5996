// Do both accounts have the users of OWNERS? Entries are told by their place, because a key may be a person's email.

import { errorText } from '../../../../shared/harmless.ts';
import type { FieldMap } from '../../domain/fields/field-map.ts';
import { type AccountUser, isUserId, resolveOwners } from '../../domain/fields/field-plan.ts';
import { type Check, failed, ok, skipped, warning } from '../check.ts';

/** An account whose users can be listed. */
interface Account {
  users(): Promise<AccountUser[]>;
}
type Users = AccountUser[] | { error: string };

const CODE = 'owners';
/** Any id, to resolve one side alone. */
const SOMEBODY = '00000000-0000-4000-8000-000000000000';

/** Users that OWNERS names and an account does not have. Null: the vendor is not well. Asks nothing where OWNERS is not set. Never throws. */
export async function checkOwners(
  { owners }: FieldMap,
  ghl: Account | null,
  callTools: Account | null,
): Promise<Check> {
  if (owners.size === 0) return skipped(CODE, 'OWNERS is not set.');
  if (ghl === null || callTools === null) return skipped(CODE, 'Not asked: a vendor is not well.');
  const [ghlUsers, callToolsUsers] = (await Promise.all([ghl, callTools].map(usersOf))) as [Users, Users];
  const entries = [...owners].map(([user, owner], index) => ({ user, owner, place: index + 1 }));
  const notInGhl = entries.filter(({ user }) => !('error' in ghlUsers) && !isInGhl(user, ghlUsers));
  const notInCallTools = entries.filter(
    ({ owner }) => !('error' in callToolsUsers) && !isInCallTools(owner, callToolsUsers),
  );
  const said = [
    ...(notInGhl.length > 0 ? [`GoHighLevel does not have the user of entry ${notInGhl.map(placed).join(', ')}.`] : []),
    ...(notInCallTools.length > 0
      ? [`CallTools does not have the user, or has several, of entry ${notInCallTools.map(placed).join(', ')}.`]
      : []),
    // Ids work without the list.
    ...('error' in ghlUsers && entries.some(({ user }) => user.includes('@'))
      ? [`GoHighLevel’s users cannot be read: ${ghlUsers.error}`]
      : []),
    ...('error' in callToolsUsers && entries.some(({ owner }) => !isUserId(owner))
      ? [`CallTools’ users cannot be read: ${callToolsUsers.error}`]
      : []),
  ];
  const unread = ['error' in ghlUsers && 'GoHighLevel', 'error' in callToolsUsers && 'CallTools'].filter(Boolean);
  if (said.length === 0 && unread.length > 0)
    return ok(
      CODE,
      `They are named by id. Whether ${unread.join(' and ')} has them is not known: the list cannot be read.`,
    );
  if (said.length === 0) return ok(CODE, `Both accounts have all of them (${owners.size}).`);
  return (notInGhl.length + notInCallTools.length > 0 ? failed : warning)(CODE, said.join(' '));
}

async function usersOf(account: Account): Promise<Users> {
  return account.users().catch((thrown: unknown) => ({ error: errorText(thrown) }));
}

/** An id names no person, so it may be shown. */
function placed({ user, place }: { user: string; place: number }): string {
  return user.includes('@') ? `${place} (an email)` : `${place} (${user})`;
}

function isInGhl(user: string, users: AccountUser[]): boolean {
  if (!user.includes('@')) return users.some(({ id }) => id === user);
  return Object.keys(resolveOwners([[user, SOMEBODY]], users, [])).length > 0;
}

function isInCallTools(owner: string, users: AccountUser[]): boolean {
  if (isUserId(owner)) return users.some(({ id }) => id.toLowerCase() === owner.toLowerCase());
  return Object.keys(resolveOwners([['somebody', owner]], [], users)).length > 0;
}
