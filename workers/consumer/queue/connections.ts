// The connections of one invocation, shared out among what runs side by side in it: whose vendor hangs keeps only its own waiting.

import type { World } from '../config/env.ts';

/** An invocation has 6 simultaneous connections (docs/vendors.md, Cloudflare: workers), one of them for D1 and the queues. */
const CONNECTIONS = 5;
/** Pages that are handled at once: a page may take a minute, and contacts are not to wait for it. */
export const PAGES_AT_ONCE = 2;

/** The vendor calls of one group of messages. */
export interface ConnectionShare {
  /** For `World`: a call waits here, before its time limit begins, while the group's connections are all in use. */
  connect: NonNullable<World['connect']>;
  /** The group has ended: the others may use what it had. */
  end(): void;
}

export interface Lanes {
  /** Groups of contacts that may be worked on at once, so that each has a connection. */
  groupsAtOnce: number;
  group(): ConnectionShare;
  /** A page makes one call after the other. */
  page(): ConnectionShare;
}

/** Lanes for so many groups of contacts and pages. */
export function createLanes(groups: number, pages: number): Lanes {
  const left = { groups, pages };
  const wake = new Set<() => void>();
  const forGroups = () => CONNECTIONS - Math.min(PAGES_AT_ONCE, left.pages);
  const share = () => Math.max(1, Math.floor(forGroups() / Math.max(1, left.groups)));

  function lane(kind: keyof typeof left, limit: () => number): ConnectionShare {
    const waiting: (() => void)[] = [];
    let busy = 0;
    const next = () => {
      while (busy < limit() && waiting.length > 0) {
        busy++;
        waiting.shift()?.();
      }
    };
    wake.add(next);
    return {
      async connect(call) {
        await new Promise<void>((turn) => {
          waiting.push(turn);
          next();
        });
        try {
          return await call();
        } finally {
          busy--;
          next();
        }
      },
      end() {
        left[kind]--;
        wake.delete(next);
        for (const one of wake) one();
      },
    };
  }

  return { groupsAtOnce: forGroups(), group: () => lane('groups', share), page: () => lane('pages', () => 1) };
}
