// What every page knows: who is logged in, which location is chosen, and how things stand.

import { useContext } from './hooks.js';
import { createContext } from './preact.js';

/** @import { Overview } from '../shared/api/status.ts' */
/** @typedef {{ role: 'operator' | 'viewer' | null, overview: Overview | null, error: string | null, again: () => void, location: string | null }} Desk `location` null: all of them; `again` looks again at once */

/** Filled by the frame (frame.js). */
export const DeskContext = createContext(
  /** @type {Desk} */ ({ role: null, overview: null, error: null, again: () => {}, location: null }),
);

/** @returns {Desk} */
export function useDesk() {
  return useContext(DeskContext);
}
