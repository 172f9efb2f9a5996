// Remembers the last HTTP answer. The vendor clients say what went wrong; the doctor also needs the status and the headers.

import type { World } from '../config/env.ts';

/** The newest answer of a vendor. */
export interface LastAnswer {
  /** 0 = there was none. */
  status: number;
  headers: Headers;
}

/** The same world, and the last answer that it got. Calls must not overlap. */
export function observe(world: World): { world: World; last: LastAnswer } {
  const last: LastAnswer = { status: 0, headers: new Headers() };
  return {
    last,
    world: {
      ...world,
      async fetch(url, init) {
        last.status = 0;
        last.headers = new Headers();
        const response = await world.fetch(url, init);
        last.status = response.status;
        last.headers = response.headers;
        return response;
      },
    },
  };
}
