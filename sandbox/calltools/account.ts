// One CallTools account as its routes see it.

import type { World } from '../world.ts';
import type { HookSender } from './calls/hook-sender.ts';
import type { CallRecord } from './calls/record.ts';
import type { CallToolsSettings } from './settings.ts';
import type { Table } from './table.ts';

/** One CallTools account. */
export interface Account {
  table: Table;
  record: CallRecord;
  hooks: HookSender;
  settings: CallToolsSettings;
  world: World;
  uuid(): string;
  /** To be called after every change to the table or the record. */
  changed(): void;
}
