// The doctor asks GoHighLevel for one contact. The answer says whether host, token, location and rate limit are right.

import { errorText } from '../../../shared/harmless.ts';
import type { World } from '../config/env.ts';
import type { Settings } from '../config/settings.ts';
import { createGoHighLevel, type GoHighLevel } from '../vendors/gohighlevel.ts';
import { readRateHeaders } from '../vendors/rate-headers.ts';
import { type Check, failed, ok, skipped, warning } from './check.ts';
import { observe } from './last-answer.ts';

/** What the checks of GoHighLevel found. */
export interface GoHighLevelFindings {
  checks: Check[];
  /** For the checks of mapped fields; null where contacts cannot be read. */
  ghl: GoHighLevel | null;
}

/** `notAfter`: epoch ms, no call runs longer. Never throws. */
export async function checkGoHighLevel(
  settings: Settings,
  real: World,
  notAfter: number,
): Promise<GoHighLevelFindings> {
  const { world, last } = observe(real);
  const ghl = createGoHighLevel({
    baseUrl: settings.GHL_API_BASE_URL,
    apiKey: settings.GHL_API_KEY,
    version: settings.GHL_API_VERSION,
    locationId: settings.GHL_LOCATION_ID,
    timeoutMs: settings.VENDOR_TIMEOUT_MS,
    guard: (http) => http,
    notAfter,
    world,
  });
  try {
    const { total } = await ghl.search(null, 1);
    const checks = [
      ok('ghl-host', `${settings.GHL_API_BASE_URL} answers.`),
      ok('ghl-token', `It reads contacts${total === null ? '' : ` (there are ${total})`}.`),
      ok('ghl-location', `${settings.GHL_LOCATION_ID} is the token’s location.`),
      rateLimit(last.headers),
    ];
    return { checks, ghl };
  } catch (thrown) {
    return { checks: faults(last.status, last.headers, errorText(thrown)), ghl: null };
  }
}

type GhlCheck = 'ghl-host' | 'ghl-token' | 'ghl-location' | 'ghl-rate-limit';

/** Only the text of a 401 or 403 says whether token, scope or location is wrong (docs/vendors.md, GoHighLevel: errors). */
function faults(status: number, headers: Headers, error: string): Check[] {
  const host = ok('ghl-host', `It answers, with ${status}.`);
  const unknown = (from: GhlCheck, ...codes: GhlCheck[]) =>
    codes.map((code) => skipped(code, 'Not known as long as the search fails.', from));
  if (status === 429)
    return [
      host,
      ...unknown('ghl-rate-limit', 'ghl-token', 'ghl-location'),
      warning('ghl-rate-limit', `The limit is reached: ${error}`),
    ];
  if ((status === 401 || status === 403) && /access to this location/i.test(error))
    return [host, ok('ghl-token', 'GoHighLevel knows it.'), failed('ghl-location', error), rateLimit(headers)];
  if (status === 401 || status === 403) {
    const scope = /scope|authClass|user type/i.test(error) ? ' It lacks the scope, or is of the agency.' : '';
    return [host, failed('ghl-token', `${error}${scope}`), ...unknown('ghl-token', 'ghl-location'), rateLimit(headers)];
  }
  return [failed('ghl-host', error), ...unknown('ghl-host', 'ghl-token', 'ghl-location', 'ghl-rate-limit')];
}

/** With less than this share of the day's requests left, a nightly run might not finish. */
const LOW_SHARE = 0.1;

function rateLimit(headers: Headers): Check {
  const { left, maxCalls, dailyLeft, dailyMax } = readRateHeaders(headers);
  if (dailyLeft === null || dailyMax === null) return skipped('ghl-rate-limit', 'The answer does not tell it.');
  const window = left === null || maxCalls === null ? '' : `, ${left} of ${maxCalls} in this window`;
  const seen = `${dailyLeft} of ${dailyMax} requests are left today${window}.`;
  return dailyLeft < dailyMax * LOW_SHARE ? warning('ghl-rate-limit', seen) : ok('ghl-rate-limit', seen);
}
