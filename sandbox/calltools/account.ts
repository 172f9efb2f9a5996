// One CallTools account as its routes see it.

import type { World } from '../world.ts';
import type { CallToolsSettings } from './settings.ts';
import type { Table } from './table.ts';

/** One CallTools account. */
export interface Account {
  table: Table;
  settings: CallToolsSettings;
  world: World;
  uuid(): string;
  /** To be called after every change to the table. */
  changed(): void;
}
