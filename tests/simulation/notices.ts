// CallTools tells of calls, over a network that loses, repeats, delays and spoils what it carries.

import type { CallTools } from '../../sandbox/calltools.ts';
import type { Clock } from '../../sandbox/virtual-clock.ts';
import type { Notices } from './agents-calls.ts';
import { CALL_HOOK_TOKEN, CALLTOOLS_KEY } from './credentials.ts';
import type { Rng } from './rng.ts';
import { CALLTOOLS_URL } from './transport.ts';

interface Options {
  clock: Clock;
  rng: Rng;
  callTools: CallTools;
  /** Null: CallTools tells of nothing. */
  notices: Notices | null;
  /** A request to the public worker; null where nobody answers. */
  request(path: string, init: RequestInit): Promise<Response | null>;
}

const PATH = `/webhook/calltools?token=${CALL_HOOK_TOKEN}`;

export function createNotices({ clock, rng, callTools, notices, request }: Options) {
  let began = () => {};
  let ended = () => {};
  let toldOf: string[] = [];

  async function arrive(ms: number, body: string): Promise<Response | null> {
    began();
    try {
      await clock.wait(ms);
      return await request(PATH, { method: 'POST', body, headers: { 'content-type': 'application/json' } });
    } finally {
      ended();
    }
  }

  /** What comes of a body on its way. */
  function spoiled(body: string): string {
    const roll = rng.next();
    if (roll < 0.6) return body;
    if (roll < 0.7) return body.slice(0, rng.int(0, body.length));
    if (roll < 0.8) return python(body);
    if (roll < 0.9)
      return rng.pick(['', 'null', '[]', '{"contact": "somebody"}', '<html>', '{"contact_id": 999999}', '\u0000']);
    // A notice of another call.
    return rng.pick(toldOf);
  }

  return {
    /** Subscribes. `arrives` and `isOver`: a notice is on its way, and is not any more. */
    start(arrives: () => void, isOver: () => void): void {
      if (!notices) return;
      [began, ended] = [arrives, isOver];
      callTools.settings.hookFields = notices.fields;
      callTools.settings.hookTries = notices.tries;
      const body = JSON.stringify({ resthook_model: notices.model, url: PATH_URL, description: 'pipeline' });
      const headers = { authorization: `Token ${CALLTOOLS_KEY}`, 'content-type': 'application/json' };
      void callTools.handle(
        new Request(`${CALLTOOLS_URL}/api/resthooksubscriptions/`, { method: 'POST', body, headers }),
      );
    },

    /** The way of one notice. */
    async carry(_url: string, { body }: RequestInit): Promise<Response> {
      const text = String(body);
      toldOf = [...toldOf, text].slice(-5);
      const copies = rng.chance(0.15) ? 0 : rng.chance(0.2) ? rng.int(2, 4) : 1;
      if (copies === 0) return new Response(null);
      const ways = Array.from({ length: copies }, () =>
        arrive(rng.chance(0.8) ? rng.int(5, 500) : rng.spread(500, 200_000), spoiled(text)),
      );
      return (await ways[0]) ?? (await Promise.reject(new TypeError('fetch failed')));
    },
  };
}

const PATH_URL = `https://ingest.test${PATH}`;

/** As an automation of CallTools prints values. */
function python(body: string): string {
  const fields = Object.entries(JSON.parse(body) as Record<string, unknown>);
  const shown = fields.map(([name, value]) => {
    if (name === 'contact' || name === 'contact_id') return `'contact': 'Contact object (${value})'`;
    return `'${name}': ${value === null ? 'None' : JSON.stringify(value)}`;
  });
  return `{${shown.join(', ')}}`;
}
