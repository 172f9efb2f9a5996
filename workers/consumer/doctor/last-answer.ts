// The world with a memory of the last HTTP answer: the vendor clients tell what went wrong, the doctor also needs the bare status.

import { errorText } from '../../../shared/harmless.ts';
import type { World } from '../config/env.ts';

export interface LastAnswer {
  /** 0 = there was none. */
  status: number;
  headers: Headers;
}

/** Calls must come one after the other, or `last` may be of another. */
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

/** What was thrown, as text without personal data. */
export const messageOf = errorText;
