// What every assumption is tried with: the calls, the settings of the accounts, and the test contacts.

import type { AccountSettings } from './account-settings.ts';
import type { Asking } from './asking.ts';
import type { Caller } from './caller.ts';
import type { TestContacts } from './test-contacts.ts';

/** One run. */
export interface Trial {
  caller: Caller;
  asking: Asking;
  settings: AccountSettings;
  contacts: TestContacts;
}
