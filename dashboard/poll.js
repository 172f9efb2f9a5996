// Data that keeps itself up to date while the page is visible.

import { ask, askWhole, Refused, says, withQuery } from './api.js';
import { useEffect, useRef, useState } from './view.js';

const EVERY_MS = 3_000;
/** Fired when the API no longer takes the token. */
export const LOGGED_OUT = 'logged-out';

/**
 * @template T
 * @typedef {{ data: T | null, error: string | null, again: () => void }} Poll `data` stays when a later look fails; then `error` says why
 */

/**
 * Asks now and again every few seconds. Null as path asks nothing.
 *
 * @template T
 * @param {string | null} path
 * @param {import('./api.js').Query} [query]
 * @param {{ everyMs?: number, whole?: boolean }} [how] `everyMs` 0: once; `whole`: the whole answer of a list, not only its data
 * @returns {Poll<T>}
 */
export function usePoll(path, query = {}, { everyMs = EVERY_MS, whole = false } = {}) {
  const asked = path === null ? null : withQuery(path, query);
  const [state, setState] = useState(
    /** @type {{ asked: string | null, data: T | null, error: string | null }} */ ({ asked, data: null, error: null }),
  );
  const again = useRef(() => {});
  useEffect(() => {
    if (asked === null) return undefined;
    let timer = 0;
    /** Counts looks: only the answer to the newest one is used. */
    let newest = 0;
    const isVisible = () => document.visibilityState === 'visible';
    const look = async () => {
      clearTimeout(timer);
      const mine = ++newest;
      const found = await lookUp(asked, whole);
      if (mine !== newest) return;
      setState((before) => ({
        asked,
        data: found.data ?? (before.asked === asked ? before.data : null),
        error: found.error,
      }));
      if (everyMs > 0 && isVisible()) timer = setTimeout(look, everyMs);
    };
    const onVisible = () => {
      if (isVisible() && everyMs > 0) void look();
    };
    again.current = look;
    document.addEventListener('visibilitychange', onVisible);
    // What is looked at once in a minute would say for so long that nothing answers.
    addEventListener('online', onVisible);
    void look();
    return () => {
      newest++;
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', onVisible);
      removeEventListener('online', onVisible);
    };
  }, [asked, everyMs, whole]);
  const fresh = state.asked === asked;
  return { data: fresh ? state.data : null, error: fresh ? state.error : null, again: () => again.current() };
}

/** @param {string} asked @param {boolean} whole */
async function lookUp(asked, whole) {
  try {
    return { data: await (whole ? askWhole(asked) : ask(asked)), error: null };
  } catch (error) {
    if (error instanceof Refused) dispatchEvent(new Event(LOGGED_OUT));
    return { data: null, error: says(error) };
  }
}

/**
 * A list of the API, page after page: the first page keeps itself up to date until more are asked for.
 *
 * @template Row
 * @param {string | null} path
 * @param {import('./api.js').Query} [query]
 * @param {{ everyMs?: number }} [how]
 */
export function useList(path, query = {}, { everyMs = EVERY_MS } = {}) {
  const asked = path === null ? null : withQuery(path, query);
  const [more, setMore] = useState(
    /** @type {{ asked: string | null, rows: Row[], next: string | null, error: string | null } | null} */ (null),
  );
  const opened = more !== null && more.asked === asked ? more : null;
  /** @type {Poll<{ data: Row[], next: string | null } & Record<string, unknown>>} */
  const first = usePoll(asked, {}, { everyMs: opened === null ? everyMs : 0, whole: true });
  const next = opened === null ? (first.data?.next ?? null) : opened.next;
  const loadMore = async () => {
    if (asked === null || next === null) return;
    // The first page stays as it is now: a newer one would push rows off it that no later page has.
    const rows = opened?.rows ?? first.data?.data ?? [];
    try {
      const page = await askWhole(
        withQuery(asked.split('?')[0] ?? '', {
          ...Object.fromEntries(new URLSearchParams(asked.split('?')[1] ?? '')),
          cursor: next,
        }),
      );
      setMore({ asked, rows: [...rows, ...page.data], next: page.next, error: null });
    } catch (error) {
      setMore({ asked, rows, next, error: says(error) });
    }
  };
  return {
    /** Null while the first page is awaited. */
    rows: opened?.rows ?? first.data?.data ?? null,
    /** The first page's whole answer, with what stands beside the rows. */
    first: first.data,
    hasMore: next !== null,
    loadMore,
    error: opened?.error ?? first.error,
    /** Looks again from the start. */
    again: () => {
      setMore(null);
      first.again();
    },
  };
}
