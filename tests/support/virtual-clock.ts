// Time that stands still until something waits for it: deadlines, pauses and slow vendors without a real second spent.

import type { World } from '../../workers/consumer/config/env.ts';

interface Timer {
  due: number;
  fire: () => void;
}

export const NOON = Date.UTC(2026, 10, 20, 12);

export class VirtualClock {
  at = NOON;
  /** While it stands still, what waits for time waits on: for an answer that comes once other work is done. */
  standsStill = false;
  /** What world.wait was asked for, ms. */
  readonly pauses: number[] = [];
  private timers: Timer[] = [];

  /** A pause of ours: time passes at once, and what is ready to run runs. */
  pause = async (ms: number): Promise<void> => {
    this.pauses.push(ms);
    this.advance(ms);
    await new Promise((resolve) => setImmediate(resolve));
  };

  /** A wait of the vendor's: over when time has passed. */
  sleep = (ms: number): Promise<void> => new Promise((resolve) => this.after(ms, resolve));

  /** Like AbortSignal.timeout, in this clock's time. */
  deadline = (ms: number): AbortSignal => {
    const controller = new AbortController();
    this.after(ms, () => controller.abort(new DOMException('The operation timed out.', 'TimeoutError')));
    return controller.signal;
  };

  /** The answer; where nothing happens any more without time passing, the clock jumps to the next timer. */
  async whenIdle<T>(answer: Promise<T>): Promise<T> {
    let over = false;
    const end = () => {
      over = true;
    };
    answer.then(end, end);
    while (!over) {
      for (let turn = 0; turn < 20 && !over; turn++) await new Promise((resolve) => setImmediate(resolve));
      const [next] = this.timers.toSorted((a, b) => a.due - b.due);
      if (!over && next && !this.standsStill) this.advance(next.due - this.at);
    }
    return answer;
  }

  advance(ms: number): void {
    this.at += Math.max(0, ms);
    const due = this.timers.filter((timer) => timer.due <= this.at);
    this.timers = this.timers.filter((timer) => timer.due > this.at);
    for (const { fire } of due) fire();
  }

  private after(ms: number, fire: () => void): void {
    this.timers.push({ due: this.at + ms, fire });
  }
}

/** A world on this clock whose fetch is `handle`. */
export function worldOn(clock: VirtualClock, handle: (request: Request) => Promise<Response>): World {
  let ids = 0;
  return {
    now: () => clock.at,
    random: () => 0.5,
    newId: () => `id-${++ids}`,
    wait: clock.pause,
    deadline: clock.deadline,
    write: () => {},
    fetch: (url, init) => clock.whenIdle(handle(new Request(url, init))),
  };
}
