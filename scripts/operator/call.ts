// One request to the pipeline's operator routes. Every failure becomes a Sentence, and none shows the token.

import * as v from 'valibot';
import { Refused, Sentence, WrongUse } from '../command/sentence.ts';
import type { Address } from './address.ts';

interface How {
  /** Makes it a POST. */
  body?: unknown;
  timeoutMs?: number;
}

/** The `data` of the answer, by schema. Throws a Sentence. */
export type Caller = <T extends v.GenericSchema>(schema: T, path: string, how?: How) => Promise<v.InferOutput<T>>;

const TIMEOUT_MS = 30_000;

/** Calls the operator API at this address, by `send`. */
export function createCaller({ url, token }: Address, send: typeof fetch = fetch): Caller {
  const where = url.origin;

  /** Never follows a redirect: it would carry the token to another host. `json` is undefined if the answer is not JSON. */
  async function ask(path: string, { body, timeoutMs = TIMEOUT_MS }: How) {
    try {
      const response = await send(new URL(path, url), {
        method: body === undefined ? 'GET' : 'POST',
        headers: { authorization: `Bearer ${token}`, accept: 'application/json' },
        body: body === undefined ? null : JSON.stringify(body),
        redirect: 'manual',
        signal: AbortSignal.timeout(timeoutMs),
      });
      return { response, json: parsed(await response.text()) };
    } catch (error) {
      const late = error instanceof Error && error.name === 'TimeoutError';
      throw unreached(where, late ? `gave no answer within ${timeoutMs / 1000} s` : 'cannot be reached');
    }
  }

  return async (schema, path, how = {}) => {
    const { response, json } = await ask(path, how);
    throwRefusal(where, response.status, json);
    const answer = v.safeParse(v.object({ success: v.literal(true), data: schema }), json);
    if (response.ok && answer.success) return (answer.output as { data: v.InferOutput<typeof schema> }).data;
    throw notOurs(where, response.status);
  };
}

/** Throws a Sentence where the pipeline at this origin answers so because it refuses the request, or cannot do it. */
export function throwRefusal(where: string, status: number, json: unknown): void {
  if (status === 401) {
    throw new WrongUse(
      `${where} refuses the token. Set ADMIN_TOKEN (or --token) to the value of the ingest worker's secret ADMIN_TOKEN. While that secret is not set, its operator routes are closed.`,
    );
  }
  const problem = v.safeParse(v.object({ detail: v.string() }), json);
  if ([400, 403, 404, 409, 422].includes(status) && problem.success) {
    const said = `The pipeline refuses this: ${problem.output.detail}`;
    throw status === 400 ? new WrongUse(said) : new Refused(said);
  }
  if (status >= 500) {
    const detail = problem.success ? problem.output.detail : `it answered ${status}.`;
    throw new Sentence(`${where} could not do it: ${detail}`);
  }
}

/** Something else answers at this origin. */
export function notOurs(where: string, status: number): Sentence {
  return new Sentence(
    `${where} answered ${status}, but not as the ingest worker of this pipeline does. Check the address (--url or PIPELINE_URL), and that the script and the pipeline have the same version.`,
  );
}

/** Nothing answers at this origin. */
export function unreached(where: string, how: string): Sentence {
  return new Sentence(
    `${where} ${how}. Is the pipeline running (npm start), and is this its address? Give another with --url or PIPELINE_URL.`,
  );
}

/** Undefined where it is not JSON. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
