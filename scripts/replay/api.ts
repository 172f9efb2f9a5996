// The pipeline's dead-letter routes as functions; whatever goes wrong becomes a sentence, and never shows the token.

import * as v from 'valibot';
import { Sentence } from './sentence.ts';

const DiedAgain = v.object({ id: v.string(), reason: v.string(), error: v.string(), dead_at: v.string() });
const Letter = v.object({
  id: v.string(),
  status: v.picklist(['waiting', 'replayed', 'discarded', 'resolved']),
  reason: v.string(),
  error: v.string(),
  location_id: v.nullable(v.string()),
  contact_id: v.nullable(v.string()),
  replayable: v.boolean(),
  dead_at: v.string(),
  died_again: v.nullable(DiedAgain),
});
const Reason = v.object({
  reason: v.string(),
  count: v.number(),
  oldest_dead_at: v.string(),
  what: v.string(),
  what_to_do: v.string(),
});
const Page = v.object({
  dead_letters: v.array(Letter),
  total: v.number(),
  by_reason: v.array(Reason),
  next: v.nullable(v.string()),
});
const Outcome = v.object({
  id: v.string(),
  outcome: v.picklist(['replayed', 'discarded', 'not_waiting', 'not_replayable', 'not_found', 'send_failed']),
});
const Outcomes = v.object({ outcomes: v.array(Outcome) });

export type Letter = v.InferOutput<typeof Letter>;
export type Reason = v.InferOutput<typeof Reason>;
export type Page = v.InferOutput<typeof Page>;
export type Outcome = v.InferOutput<typeof Outcome>;

/** Ids that one request takes. */
export const MAX_IDS = 100;

export interface Api {
  list(query: Record<string, string>): Promise<Page>;
  /** At most MAX_IDS ids. */
  settle(action: 'replay' | 'discard', ids: string[]): Promise<Outcome[]>;
}

const TIMEOUT_MS = 30_000;

export function createApi({ url, token }: { url: URL; token: string }): Api {
  const where = url.origin;

  async function call<T extends v.GenericSchema>(schema: T, path: string, body?: unknown): Promise<v.InferOutput<T>> {
    const response = await send(path, body);
    const json: unknown = await response.json().catch(() => undefined);
    if (response.status === 401) {
      throw new Sentence(
        `${where} refuses the token. Set ADMIN_TOKEN (or --token) to the value that the ingest worker has as its secret ADMIN_TOKEN; while it has none, its operator routes are closed.`,
      );
    }
    const problem = v.safeParse(v.object({ detail: v.string() }), json);
    if (response.status === 400 && problem.success)
      throw new Sentence(`The pipeline refuses this: ${problem.output.detail}`);
    if (response.status >= 500) {
      const detail = problem.success ? problem.output.detail : `it answered ${response.status}.`;
      throw new Sentence(`${where} could not do it: ${detail}`);
    }
    const parsed = v.safeParse(v.object({ success: v.literal(true), data: schema }), json);
    if (response.ok && parsed.success) return (parsed.output as { data: v.InferOutput<T> }).data;
    throw new Sentence(
      `${where} answers (${response.status}), but not as the ingest worker of this pipeline. Check the address given with --url or PIPELINE_URL, and that both are of one version.`,
    );
  }

  /** Never follows a redirect: it would carry the token to another host. */
  async function send(path: string, body: unknown): Promise<Response> {
    try {
      return await fetch(new URL(path, url), {
        method: body === undefined ? 'GET' : 'POST',
        headers: { authorization: `Bearer ${token}`, accept: 'application/json' },
        body: body === undefined ? null : JSON.stringify(body),
        redirect: 'manual',
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
    } catch (error) {
      const late = error instanceof Error && error.name === 'TimeoutError';
      throw new Sentence(
        `${where} ${late ? `gave no answer within ${TIMEOUT_MS / 1000} s` : 'cannot be reached'}. Is the pipeline running (npm start), and is this its address? Give another with --url or PIPELINE_URL.`,
      );
    }
  }

  return {
    list: (query) => call(Page, `/dead-letters?${new URLSearchParams(query)}`),
    settle: async (action, ids) => (await call(Outcomes, `/dead-letters/${action}`, { ids })).outcomes,
  };
}
