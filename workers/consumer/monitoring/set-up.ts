// How far a deployment is set up. Pure.

import type { SetUpStep, VendorInWords } from '../../../shared/api/verdict.ts';
import type { Location } from '../config/locations.ts';
import { type Trouble, troubleOf, VENDOR_NAMES } from '../domain/circuit-text.ts';
import { managedLabels } from '../domain/decide.ts';
import { NOTHING } from '../domain/explanations.ts';
import type { Vendor } from '../domain/failure.ts';
import type { RunFacts, SetUpFacts } from '../store/health.ts';
import type { Counts } from '../store/totals.ts';
import type { Health } from './status.ts';

/** What shows it. */
export interface SetUpInputs {
  /** Of the locations that are asked about. */
  health: Health[];
  locations: Location[];
  counts: Pick<Counts, 'contacts'>;
  backstop: Pick<RunFacts, 'locationId' | 'lastCompleteAt'>[];
  setUp: SetUpFacts;
  /** Epoch ms. */
  now: number;
}

const VENDORS: Vendor[] = ['gohighlevel', 'calltools'];

/** Both vendors in words, each where it is worst. */
export function vendorsInWords(inputs: SetUpInputs): VendorInWords[] {
  const troubles = inputs.health.flatMap(({ circuits }) =>
    circuits.flatMap((circuit) => troubleOf(circuit, inputs) ?? []),
  );
  return VENDORS.map((vendor): VendorInWords => {
    const [worst] = troubles
      .filter((trouble) => trouble.vendor === vendor)
      .sort((a, b) => SEVERITY.indexOf(a.kind) - SEVERITY.indexOf(b.kind));
    if (worst) return { vendor, state: worst.kind, sentence: `${worst.brief} ${MEANS[worst.kind]}` };
    const name = VENDOR_NAMES[vendor];
    const isAsked = inputs.locations.some(({ id }) => hasAnswered(vendor, id, inputs));
    if (isAsked) return { vendor, state: 'well', sentence: `${name} works.` };
    return { vendor, state: 'not_asked_yet', sentence: `${name} has not been asked yet.` };
  });
}

const SEVERITY: Trouble['kind'][] = ['refused', 'down', 'throttled'];
const MEANS: Record<Trouble['kind'], string> = {
  refused: 'Nobody is put into the dialer or taken out until it is corrected.',
  down: 'Nobody is put into the dialer or taken out until it is back.',
  throttled: 'Work goes on more slowly.',
};

/** It has, where work went through that needs its answer. */
function hasAnswered(vendor: Vendor, id: string, { counts, health, setUp }: SetUpInputs): boolean {
  if (vendor === 'calltools') return setUp.labels.has(id);
  const lastRun = health.find(({ location }) => location.id === id)?.lastRun ?? null;
  const isRead = counts.contacts.some(({ locationId, state }) => locationId === id && state !== 'pending');
  return isRead || lastRun?.state === 'complete' || (lastRun?.seen ?? 0) > 0;
}

/**
 * The steps; null once all are done. A location that has had all that happens in use (somebody placed, a webhook, a complete run) is
 * set up for good: what goes wrong later is a fault.
 */
export function settingUp(inputs: SetUpInputs): SetUpStep[] | null {
  const { locations } = inputs;
  const left = locations.filter(({ id }) => !isInUse(id, inputs));
  if (left.length === 0) return null;
  const named = (those: Location[]) =>
    locations.length > 1 && those.length > 0 ? ` (${those.map(({ id, name }) => name ?? id).join(', ')})` : '';
  const steps = STEPS.map(({ code, isDone, done, todo, what_to_do, action }): SetUpStep => {
    const open = left.filter((location) => !isDone(location, inputs));
    if (open.length === 0) return { code, done: true, what: `${done}.`, what_to_do: NOTHING, action: null };
    return { code, done: false, what: `${todo(open, inputs)}${named(open)}.`, what_to_do, action };
  });
  return steps.every(({ done }) => done) ? null : steps;
}

function isInUse(id: string, inputs: SetUpInputs): boolean {
  const isPlaced = inputs.counts.contacts.some(({ locationId, state }) => locationId === id && state === 'placed');
  return isPlaced && inputs.setUp.heard.has(id) && lastCompleteAt(id, inputs) !== null;
}

function lastCompleteAt(id: string, { backstop }: SetUpInputs): number | null {
  return backstop.find(({ locationId }) => locationId === id)?.lastCompleteAt ?? null;
}

interface Step extends Pick<SetUpStep, 'code' | 'what_to_do' | 'action'> {
  isDone(location: Location, inputs: SetUpInputs): boolean;
  /** Both without a full stop. */
  done: string;
  todo(open: Location[], inputs: SetUpInputs): string;
}

const CHECK_UP = { label: 'Open the check-up', path: '/check-up' };

const STEPS: Step[] = [
  {
    code: 'keys',
    isDone: ({ id }, inputs) => openVendors(id, inputs).length === 0,
    done: 'GoHighLevel and CallTools accept our keys',
    todo(open, inputs) {
      const vendors = VENDORS.filter((vendor) => open.some(({ id }) => openVendors(id, inputs).includes(vendor)));
      return `Not accepted or not used yet: the key of ${vendors.map((vendor) => VENDOR_NAMES[vendor]).join(' and of ')}`;
    },
    what_to_do: 'Each key is used with the first contact. The check-up tries both now.',
    action: CHECK_UP,
  },
  {
    code: 'bucket',
    isDone: (location, inputs) => missingBuckets(location, inputs).length === 0,
    done: 'CallTools has the buckets of the rules',
    todo(open, inputs) {
      const names = [...new Set(open.flatMap((location) => missingBuckets(location, inputs)))];
      const listed = names.slice(0, NAMED).join(', ');
      return `Not seen in CallTools yet: the bucket ${listed}${names.length > NAMED ? ', …' : ''}`;
    },
    what_to_do:
      'Create it in CallTools, and let a campaign dial from it. It is looked up with the first contact that belongs there.',
    action: CHECK_UP,
  },
  {
    code: 'first_webhook',
    isDone: ({ id }, { setUp }) => setUp.heard.has(id),
    done: 'GoHighLevel sends webhooks',
    todo: () => 'No webhook of GoHighLevel has arrived yet',
    what_to_do: 'Change a contact in GoHighLevel, and wait some seconds. If nothing comes, the check-up says why.',
    action: CHECK_UP,
  },
  {
    code: 'first_sync',
    isDone: ({ id }, inputs) => lastCompleteAt(id, inputs) !== null,
    done: 'The whole contact list has been compared',
    todo: () => 'The whole contact list has not been compared yet',
    what_to_do: 'Start the first sync. Otherwise it starts by itself at night.',
    action: { label: 'Start the first sync', path: '/syncs' },
  },
];

/** Buckets that are named. */
const NAMED = 5;

function openVendors(id: string, inputs: SetUpInputs): Vendor[] {
  const circuits = inputs.health.find(({ location }) => location.id === id)?.circuits ?? [];
  return VENDORS.filter((vendor) => {
    const isRefused = circuits.some((one) => one.vendor === vendor && one.openReason && one.openKind === 'refused');
    return isRefused || !hasAnswered(vendor, id, inputs);
  });
}

function missingBuckets(location: Location, { setUp }: SetUpInputs): string[] {
  if (location.kind === 'faulty') return [];
  const known = setUp.labels.get(location.id) ?? [];
  const isThere = (bucket: string) =>
    known.some(({ kind, name, isThere }) => kind === 'bucket' && name === bucket && isThere);
  return managedLabels(location.settings.rules).buckets.filter((bucket) => !isThere(bucket));
}
