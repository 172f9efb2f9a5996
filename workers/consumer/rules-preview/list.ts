// The pages of the contact list for a preview, each when its pace allows it. What passes by itself is waited for.

import { stepAfter, totalOf } from '../backstop/compare.ts';
import type { World } from '../config/env.ts';
import type { Settings } from '../config/settings.ts';
import { type Failure, toFailure } from '../domain/failure.ts';
import { createVendors } from '../vendors/clients.ts';
import type { RateLimiter } from '../vendors/rate-limiter.ts';
import type { Cursor, SearchPage } from '../vendors/search-page.ts';

/** What reading the list brings. After `end` or `failed` nothing comes. */
export type ListEvent =
  | { kind: 'page'; page: SearchPage; seen: number; total: number | null }
  | { kind: 'waiting'; ms: number; why: string }
  /** `unproven`: why this may not be all; null where it is. */
  | { kind: 'end'; unproven: string | null }
  | { kind: 'failed'; error: string };

/** For one page, its place in the pace included. */
const PAGE_MS = 60_000;
/** A longer wait is for another day. */
const MAX_WAIT_MS = 60_000;
/** How often one page is asked for. */
const MAX_TRIES = 8;
const FIRST_WAIT_MS = 1_000;
/** One statement of D1 a page, and an invocation has 1,000 (docs/vendors.md, Cloudflare: D1). */
const MAX_PAGES = 950;

/** Reads the list once. Asks for nothing while nobody takes the next event. Throws nothing. */
export async function* readList(
  settings: Settings,
  world: World,
  limiter: RateLimiter,
): AsyncGenerator<ListEvent, void> {
  let cursor: Cursor | null = null;
  const run: { page: number; seen: number; total: number | null; firstTotal: number | null } = {
    page: 0,
    seen: 0,
    total: null,
    firstTotal: null,
  };
  for (; run.page < MAX_PAGES; run.page++) {
    let page: SearchPage | null = null;
    for (let tries = 1; page === null; tries++) {
      const asked: SearchPage | Failure = await askPage(cursor, settings, world, limiter);
      if ('rows' in asked) {
        page = asked;
        break;
      }
      const ms = waitAfter(asked, tries);
      if (ms === null) return yield { kind: 'failed', error: asked.error };
      yield { kind: 'waiting', ms, why: asked.error };
      await world.wait(ms);
    }
    const step = stepAfter(page, run, settings.BACKSTOP_PAGE_SIZE);
    if (step.kind === 'endless') return yield { kind: 'failed', error: 'The pages of the list go round in a circle.' };
    run.total = totalOf(page, run) ?? run.total;
    run.firstTotal ??= run.total;
    run.seen += page.seen;
    yield { kind: 'page', page, seen: run.seen, total: run.total };
    if (step.kind === 'end') return yield { kind: 'end', unproven: step.unproven };
    cursor = step.cursor;
  }
  yield { kind: 'end', unproven: `one request reads ${MAX_PAGES} pages at most` };
}

/** New clients for each page: what one remembers of it is gone with it. */
async function askPage(
  cursor: Cursor | null,
  settings: Settings,
  world: World,
  limiter: RateLimiter,
): Promise<SearchPage | Failure> {
  const { ghl } = createVendors(settings, world, world.now() + PAGE_MS, { limiter });
  try {
    return await ghl.search(cursor, settings.BACKSTOP_PAGE_SIZE);
  } catch (thrown) {
    return toFailure(thrown, 'gohighlevel');
  }
}

/** Null where asking again does not help. */
function waitAfter(failure: Failure, tries: number): number | null {
  if (tries >= MAX_TRIES) return null;
  if (failure.kind === 'throttled') return failure.retryAfterMs <= MAX_WAIT_MS ? failure.retryAfterMs : null;
  return failure.kind === 'transient' ? Math.min(MAX_WAIT_MS, FIRST_WAIT_MS * 2 ** (tries - 1)) : null;
}
