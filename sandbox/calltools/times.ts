// Times, as this account spells and reads them (docs/vendors.md, CallTools: dates).

import type { CallToolsSettings } from './settings.ts';

/** A time (epoch ms) in UTC. */
export function spellTime(at: number, { callTimes }: Pick<CallToolsSettings, 'callTimes'>): string {
  const iso = new Date(at).toISOString();
  return callTimes === 'iso' ? iso : iso.slice(0, 19).replace('T', ' ');
}

/** Epoch ms of a time in either spelling; NaN where it cannot be read. */
export function readTime(text: string): number {
  return Date.parse(/[zZ]$|[+-]\d\d:?\d\d$/.test(text) ? text : `${text.trim().replace(' ', 'T')}Z`);
}
