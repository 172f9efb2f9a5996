// POST /api/v1/alerts/test: does an alert reach anybody?

import type { AlertTested } from '../../../../shared/api/check-up.ts';
import { problem } from '../../../../shared/problem.ts';
import { TITLE } from '../../monitoring/alert-message.ts';
import { alertUrlOf } from '../../monitoring/alert-send.ts';
import { success } from '../answer.ts';
import type { Handler } from '../deps.ts';
import { LocationQuery, readAsked } from '../query.ts';

const HOW =
  'npm run setup asks for the address, or set it with npx wrangler secret put ALERT_WEBHOOK_URL -c wrangler.consumer.jsonc.';

/** `POST /api/v1/alerts/test`: to the address of the location that is named, or else to that of alerts about no location. */
export const testAlert: Handler = async (request, { env, locations, sendAlert }) => {
  const asked = readAsked(request, LocationQuery, locations);
  if (asked.kind === 'bad') return asked.answer;
  const url = alertUrlOf(env, asked.query.location ?? null);
  if (url === null) return problem(409, 'No address for alerts', `No alert is sent, because no address is set. ${HOW}`);
  const error = await sendAlert(url, {
    text: `${TITLE}\nTEST: This is a test alert. There is nothing to do.`,
    alerts: [],
  });
  return success<AlertTested>(
    error === null
      ? { arrived: true, note: 'The address has accepted the test alert. It should be in your channel now.' }
      : { arrived: false, note: `The test alert did not arrive: ${error}. Set another address: ${HOW}` },
  );
};
