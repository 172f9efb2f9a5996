// Which of the doctor's findings only follow from another one. They are marked, and listed after it. Pure.

import type { CheckCode } from '../domain/checks.ts';
import type { Check } from './check.ts';

/** Checks of each vendor that may explain an open circuit; what must be fixed first comes first. */
const BEHIND_A_CIRCUIT = {
  gohighlevel: ['ghl-host', 'ghl-token', 'ghl-location', 'ghl-rate-limit'],
  calltools: ['calltools-host', 'calltools-token', 'calltools-rights'],
} as const satisfies Record<string, CheckCode[]>;

/** Checks that fail where the key's role lacks the right to read this resource. */
const NEEDS_RIGHTS: Partial<Record<CheckCode, string>> = {
  'calltools-phone-filter': 'contacts',
  'calltools-bucket': 'buckets',
  'calltools-tag': 'alltags',
};

/** The checks, each marked with the check that it follows from, and listed after it. */
export function traced(checks: Check[]): Check[] {
  const marked = checks.map((check): Check => {
    const { followsFrom: said, ...bare } = check;
    const from = said ?? causeOf(check, checks);
    const stands = checks.some(({ code, status }) => code === from && code !== check.code && status !== 'ok');
    return stands && from !== undefined ? { ...bare, followsFrom: from } : bare;
  });
  const rooted = marked.map(
    (check): Check => ({ ...check, ...(check.followsFrom && { followsFrom: rootOf(check, marked) }) }),
  );
  const isBehind = ({ followsFrom }: Check) => rooted.some(({ code }) => code === followsFrom);
  return rooted
    .filter((check) => !isBehind(check))
    .flatMap((check) => [check, ...rooted.filter(({ followsFrom }) => followsFrom === check.code)]);
}

/** At most three steps: queues, a circuit, a key. */
function rootOf(check: Check, checks: Check[]): CheckCode {
  let { followsFrom: root = check.code } = check;
  for (let step = 0; step < 3; step++) root = checks.find(({ code }) => code === root)?.followsFrom ?? root;
  return root;
}

function causeOf(check: Check, checks: Check[]): CheckCode | undefined {
  if (check.status === 'ok' || check.status === 'skipped') return undefined;
  const found = (code: CheckCode) => checks.find((one) => one.code === code);
  const failed = (code: CheckCode) => found(code)?.status === 'failed';
  const needs = NEEDS_RIGHTS[check.code];
  switch (check.code) {
    case 'settings':
      // Reading the settings stops at a missing secret.
      return failed('secrets') && /_API_KEY/.test(check.seen) ? 'secrets' : undefined;
    case 'circuits':
      return (check.vendors ?? [])
        .flatMap((vendor): CheckCode[] => [...BEHIND_A_CIRCUIT[vendor]])
        .find((code) => found(code)?.status === 'failed' || (code === 'ghl-rate-limit' && isWarning(found(code))));
    case 'queues':
    case 'backstop':
      // A throttle passes within minutes: a run that is late by a day is late because of something else.
      if (check.code === 'backstop' && isWarning(found('circuits'))) return undefined;
      return isHeldUp(check, found('circuits')) ? 'circuits' : failed('settings') ? 'settings' : undefined;
    default:
      return needs && failed('calltools-rights') && found('calltools-rights')?.seen.includes(needs)
        ? 'calltools-rights'
        : undefined;
  }
}

function isWarning(check: Check | undefined): boolean {
  return check?.status === 'warning';
}

/** True where the vendor was in trouble before the work became late. */
function isHeldUp({ since }: Check, circuits: Check | undefined): boolean {
  if (circuits?.status !== 'failed' && circuits?.status !== 'warning') return false;
  return since !== undefined && (circuits.since ?? since) <= since;
}
