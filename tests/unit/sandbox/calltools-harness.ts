// The stand-in for CallTools, asked over its API.

import type { CallToolsSettings } from '../../../sandbox/calltools/settings.ts';
import { createCallTools } from '../../../sandbox/calltools.ts';

export const PHONE = '+13055550142';
export const OTHER = '+13055550143';

/** What a test reads of answers; each holds some of it. */
interface Answer {
  id: number;
  /** Of a list. */
  count: number;
  results: unknown[];
  next: string | null;
  previous: string | null;
  buckets: number[];
  tags: number[];
  _phone_numbers: unknown[];
  /** Of a refusal: what is wrong with it. */
  mobile_phone_number: string[];
}

export function account(settings: Partial<CallToolsSettings> = {}) {
  let clock = Date.UTC(2026, 10, 1);
  const wait = async (ms: number) => {
    clock += ms;
  };
  const vendor = createCallTools({ token: 't', now: () => clock, random: () => 0.4, wait, settings });
  async function call(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = { authorization: 'Token t' },
  ) {
    const json = body === undefined ? {} : { body: JSON.stringify(body) };
    const response = await vendor.handle(
      new Request(`http://calltools.test/api${path}`, {
        method,
        headers: { 'content-type': 'application/json', ...headers },
        ...json,
      }),
    );
    const text = await response.text();
    const type = response.headers.get('content-type') ?? '';
    return {
      status: response.status,
      headers: response.headers,
      text,
      json: (type.includes('json') ? JSON.parse(text) : null) as Answer,
    };
  }
  const create = async (body: Record<string, unknown>): Promise<number> =>
    (await call('POST', '/contacts/', body)).json.id;
  const bucket = async (name: string): Promise<number> => (await call('POST', '/buckets/', { name })).json.id;
  return { vendor, call, create, bucket };
}
