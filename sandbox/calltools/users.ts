// /users/: who may own a contact (docs/vendors.md, CallTools: users).

import type { Account } from './account.ts';
import { page } from './paging.ts';

/**
 * `GET /users/`. Its rows were not seen: `{id, username, email, first_name, last_name}` is assumed, as Django has them. That `id` is a
 * UUID was seen.
 */
export function listUsers({ settings }: Account, url: URL): Response {
  return page(url, settings.users, settings, (user) => user);
}
