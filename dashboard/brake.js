// What MAX_NEW_PLACEMENTS holds back, and the button that places it.

import { send } from './api.js';
import { byId, make, show } from './dom.js';
import { moment, number } from './words.js';

/** @import { BrakeCounts, Confirmed } from '../shared/api/status.ts' */

/** @param {BrakeCounts | null} brake */
export function showBrake(brake) {
  show(byId('brake'), brake?.groups ?? [], (groups) =>
    groups.map(({ location_id, confirm, held, since }) =>
      make(
        'li',
        {},
        `${number(held)} new contacts are held back since ${moment(since)}: more than MAX_NEW_PLACEMENTS within an hour. `,
        make(
          'button',
          {
            type: 'button',
            'data-confirm': confirm,
            'data-location': location_id,
            'aria-label': `Place them: ${confirm}`,
          },
          'Place them',
        ),
      ),
    ),
  );
}

/** @param {{ again(): void }} desk */
export function readyBrake({ again }) {
  byId('brake').onclick = async ({ target }) => {
    const pressed = target instanceof HTMLButtonElement ? target : null;
    if (!pressed) return;
    const { confirm = '', location = null } = pressed.dataset;
    const say = (/** @type {string} */ text) => show(byId('brake-note'), text, () => [text]);
    pressed.disabled = true;
    try {
      /** @type {Confirmed} */
      const { contacts } = await send('/sync/trigger', { confirm, location });
      say(`${number(contacts)} contacts are read again and placed.`);
    } catch (error) {
      pressed.disabled = false;
      say(error instanceof Error ? error.message : String(error));
    }
    again();
  };
}
