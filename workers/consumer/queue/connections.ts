// Shares the connections of one invocation among the groups that run side by side in it: a vendor that hangs delays only its own group.

import type { World } from '../config/env.ts';

/** An invocation has 6 simultaneous connections (docs/vendors.md, Cloudflare: workers), one of them for D1 and the queues. */
const CONNECTIONS = 5;
/** Pages that are handled at once. A page may take a minute, and contacts must not wait for it. */
export const PAGES_AT_ONCE = 2;

/** The vendor calls of one group of messages. */
export interface ConnectionShare {
  /** For `World`: while all of the group's connections are in use, a call waits here, before its time limit begins. */
  connect: NonNullable<World['connect']>;
  /** The group has ended: the others may use its connections. */
  end(): void;
}

/** The connections of one invocation. */
export interface Connections {
  /** Groups of contacts that may be worked on at once, so that each has a connection. */
  groupsAtOnce: number;
  group(): ConnectionShare;
  /** A page makes one call after the other. */
  page(): ConnectionShare;
}

/** The connections for this many groups of contacts and pages. */
export function shareConnections(groups: number, pages: number): Connections {
  const left = { groups, pages };
  const wake = new Set<() => void>();
  const forGroups = () => CONNECTIONS - Math.min(PAGES_AT_ONCE, left.pages);
  const perGroup = () => Math.max(1, Math.floor(forGroups() / Math.max(1, left.groups)));

  function shareOf(kind: keyof typeof left, limit: () => number): ConnectionShare {
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
        await new Promise<void>((start) => {
          waiting.push(start);
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

  return { groupsAtOnce: forGroups(), group: () => shareOf('groups', perGroup), page: () => shareOf('pages', () => 1) };
}
