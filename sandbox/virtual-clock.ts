// Virtual time: it stands still while anything can run, and then jumps to the next timer.

interface Timer {
  due: number;
  /** Of timers that are due together, the first set fires first. */
  order: number;
  fire: (() => void) | null;
}

/** Friday noon, ten hours before a nightly run at 02:00 UTC is due. */
export const NOON = Date.UTC(2026, 10, 20, 12);

/** Everything that waits on it waits for no real time. */
export class Clock {
  /** Epoch ms. */
  now = NOON;
  private heap: Timer[] = [];
  private order = 0;
  private outside = 0;

  /** Calls `fire` once after `ms`, unless the returned function was called before. */
  after(ms: number, fire: () => void): () => void {
    const timer: Timer = { due: this.now + Math.max(0, ms), order: this.order++, fire };
    this.push(timer);
    return () => {
      timer.fire = null;
    };
  }

  wait = (ms: number): Promise<void> => new Promise((resolve) => this.after(ms, resolve));

  /** Fires what is due up to `time` (epoch ms), each after all that came of the one before; then it is `time`. */
  async runTo(time: number): Promise<void> {
    await this.settled();
    for (let next = this.next(); next !== null && next.due <= time; next = this.next()) await this.fire(next);
    this.now = Math.max(this.now, time);
  }

  /** Runs until `over` holds, looked at after every timer; false where `limit` (epoch ms) or the last timer came first. */
  async runUntil(over: () => boolean, limit: number): Promise<boolean> {
    await this.settled();
    for (let next = this.next(); !over(); next = this.next()) {
      if (next === null || next.due > limit) return false;
      await this.fire(next);
    }
    return true;
  }

  /** Everything stands still for `ms`; what was due meanwhile fires late. */
  jump(ms: number): void {
    this.now += ms;
  }

  /** Time stands still until this is over: it takes real time, and comes from somewhere else. */
  async standStill<T>(work: Promise<T>): Promise<T> {
    this.outside++;
    try {
      return await work;
    } finally {
      this.outside--;
    }
  }

  /** Lets everything run that is ready to run. */
  private async settled(): Promise<void> {
    do await new Promise((resolve) => setImmediate(resolve));
    while (this.outside > 0);
  }

  private async fire(timer: Timer): Promise<void> {
    this.pop();
    this.now = Math.max(this.now, timer.due);
    timer.fire?.();
    await this.settled();
  }

  private next(): Timer | null {
    for (let top = this.heap[0]; top !== undefined; top = this.heap[0]) {
      if (top.fire !== null) return top;
      this.pop();
    }
    return null;
  }

  private push(timer: Timer): void {
    const { heap } = this;
    let at = heap.push(timer) - 1;
    while (at > 0) {
      const up = (at - 1) >> 1;
      const parent = heap[up];
      if (parent === undefined || !earlier(timer, parent)) break;
      heap[at] = parent;
      at = up;
    }
    heap[at] = timer;
  }

  private pop(): void {
    const { heap } = this;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      const [left, right] = [heap[child], heap[child + 1]];
      if (left === undefined) break;
      if (right !== undefined && earlier(right, left)) child++;
      const smallest = heap[child];
      if (smallest === undefined || !earlier(smallest, last)) break;
      heap[at] = smallest;
      at = child;
    }
    heap[at] = last;
  }
}

function earlier(a: Timer, b: Timer): boolean {
  return a.due < b.due || (a.due === b.due && a.order < b.order);
}
