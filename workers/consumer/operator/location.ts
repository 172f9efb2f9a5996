// Which locations an operator asks about: the one that is named, or all.

import { problem } from '../../../shared/problem.ts';
import type { Location, Locations } from '../config/locations.ts';

export type Chosen = { kind: 'ok'; locations: Location[] } | { kind: 'bad'; answer: Response };

/** `id` undefined = all of them. An id that the settings do not name is a problem that names those that there are. */
export function chooseLocations({ all }: Locations, id: string | undefined): Chosen {
  const locations = id === undefined ? all : all.filter((location) => location.id === id);
  if (id === undefined || locations.length > 0) return { kind: 'ok', locations };
  const known = all.length > 0 ? `There are: ${all.map(({ id }) => id).join(', ')}.` : 'There is none yet.';
  return { kind: 'bad', answer: problem(404, 'Location not known', `The settings name no such location. ${known}`) };
}

/** What is wrong with the settings, as far as these locations are concerned; null when nothing is. Where there are several it names each. */
export function faultsOf(locations: Location[], { all, fault }: Locations): string | null {
  const named = all.length > 1 ? (id: string) => `${id}: ` : () => '';
  const own = locations.flatMap((one) => (one.kind === 'faulty' ? [`${named(one.id)}${one.fault}`] : []));
  return [...(fault === null ? [] : [fault]), ...own].join('; ') || null;
}
