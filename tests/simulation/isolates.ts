// Workers as the platform runs them: a few isolates side by side, each of which may die at any interaction with the outside.

import type { Clock } from '../../sandbox/virtual-clock.ts';
import type { Rng } from './rng.ts';

/** What an isolate asks of the outside. `write`: a POST or PATCH to CallTools; `ghl-write`: one to GoHighLevel; `call`: any other call to a vendor. */
export type Interaction = 'write' | 'ghl-write' | 'call' | 'd1' | 'send' | 'service';

export interface Kill {
  /** The interaction at which it dies, counted from now among those of its kind. */
  steps: number;
  at: Interaction | 'any';
  /** Whether that one still takes effect. */
  effect: boolean;
}

/** What an interaction costs, ms. */
interface Latency {
  there: number;
  back: number;
}

export class Isolate {
  dead = false;
  private kill: Kill | null = null;
  private readonly onDeath = new Set<() => void>();
  private readonly clock: Clock;
  /** How far its clock is ahead, ms. */
  readonly skew: number;

  constructor(clock: Clock, skew: number) {
    this.clock = clock;
    this.skew = skew;
  }

  planKill(kill: Kill): void {
    this.kill = { ...kill };
  }

  spare(): void {
    this.kill = null;
  }

  /** Runs `act` at the other end of a way that takes time. Of a dead isolate nothing comes any more. */
  async interact<T>(kind: Interaction, act: () => T | Promise<T>, { there, back }: Latency): Promise<T> {
    if (this.dead) return never();
    const dying = this.dies(kind);
    if (dying && !dying.effect) {
      this.die();
      return never();
    }
    // What is under way arrives, even where its sender has died since.
    await this.clock.wait(there);
    try {
      const result = await act();
      if (dying) this.die();
      await this.return(back);
      return result;
    } catch (error) {
      if (dying) this.die();
      await this.return(back);
      throw error;
    }
  }

  /** The kill, where this interaction is the one. */
  private dies(kind: Interaction): Kill | null {
    if (this.kill === null || (this.kill.at !== 'any' && this.kill.at !== kind)) return null;
    this.kill.steps -= 1;
    return this.kill.steps <= 0 ? this.kill : null;
  }

  private async return(ms: number): Promise<void> {
    if (!this.dead) await this.clock.wait(ms);
    if (this.dead) await never();
  }

  /** Settles as `work` does, or is told that the isolate died first. */
  track(work: Promise<unknown>, ended: (end: 'returned' | 'threw' | 'killed') => void): void {
    let over = false;
    const end = (how: 'returned' | 'threw' | 'killed') => {
      this.onDeath.delete(killed);
      if (!over) ended(how);
      over = true;
    };
    const killed = () => end('killed');
    if (this.dead) killed();
    else this.onDeath.add(killed);
    work.then(
      () => end('returned'),
      () => end('threw'),
    );
  }

  die(): void {
    if (this.dead) return;
    this.dead = true;
    for (const tell of this.onDeath) tell();
  }
}

function never(): Promise<never> {
  return new Promise(() => {});
}

interface Home<Worker> {
  isolate: Isolate;
  worker: Worker;
}

/** The isolates of one worker. */
export interface Isolates<Worker> {
  /** One of them, or a fresh one. */
  any(): Home<Worker>;
  /** The one that serves most. */
  main(): Isolate;
  /** From now on none dies by plan, and all clocks are right. */
  calm(): void;
}

/** An isolate's clock is off by at most this, ms. */
const MAX_SKEW_MS = 2000;
const MAX_ALIVE = 4;

export function createIsolates<Worker>(clock: Clock, rng: Rng, make: (isolate: Isolate) => Worker): Isolates<Worker> {
  let homes: Home<Worker>[] = [];
  let calm = false;

  function open(): Home<Worker> {
    const skew = calm || rng.chance(0.7) ? 0 : rng.int(-MAX_SKEW_MS, MAX_SKEW_MS);
    const isolate = new Isolate(clock, skew);
    const home = { isolate, worker: make(isolate) };
    homes.push(home);
    return home;
  }

  function alive(): Home<Worker>[] {
    homes = homes.filter(({ isolate }) => !isolate.dead);
    return homes;
  }

  const first = () => alive()[0] ?? open();
  return {
    any() {
      const main = first();
      if (rng.chance(0.6)) return main;
      return homes.length < MAX_ALIVE && rng.chance(0.5) ? open() : rng.pick(alive());
    },
    main: () => first().isolate,
    calm() {
      calm = true;
      for (const { isolate } of alive()) isolate.spare();
      homes = homes.filter(({ isolate }) => isolate.skew === 0);
    },
  };
}
