// One line of the bench's outcome: what was measured, what it is held against, and how far apart the two may be.

/** What a figure is counted in. */
export type Unit =
  | 'req/s'
  | 'µs'
  | 'ms'
  | 's'
  | 'min'
  | 'calls'
  | 'round trips'
  | 'rows'
  | 'bytes'
  | 'KB'
  | 'MB'
  | '$'
  | 'lost'
  | '';

/** What was measured in the same run and is the best that can be had, or what the figure must equal. */
export interface Floor {
  what: string;
  value: number;
}

/** What a figure must meet. */
export type Target =
  /** At least this share of the floor. */
  | { kind: 'ratio-at-least'; limit: number }
  /** At most this many times the floor. */
  | { kind: 'ratio-at-most'; limit: number }
  /** At most the floor and this much more, in the figure's unit. */
  | { kind: 'floor-plus'; limit: number }
  /** At most this, in the figure's unit. */
  | { kind: 'at-most'; limit: number };

/** One measured figure. */
export interface Figure {
  section: string;
  what: string;
  value: number;
  unit: Unit;
  floor?: Floor;
  /** All must be met; none: the figure is only reported. */
  targets?: Target[];
  /** How it was measured, where the name does not say. */
  note?: string;
}

/** The figure in terms of its floor; null without a floor, or with a floor of 0. */
export function ratioOf({ value, floor }: Figure): number | null {
  return floor && floor.value !== 0 ? value / floor.value : null;
}

/** Null when there is no target. */
export function isMet(figure: Figure): boolean | null {
  const { targets = [] } = figure;
  return targets.length === 0 ? null : targets.every((target) => meets(figure, target));
}

function meets(figure: Figure, { kind, limit }: Target): boolean {
  const { value, floor } = figure;
  switch (kind) {
    case 'ratio-at-least':
      return (ratioOf(figure) ?? Number.NaN) >= limit;
    case 'ratio-at-most':
      return (ratioOf(figure) ?? Number.NaN) <= limit;
    case 'floor-plus':
      return value <= (floor?.value ?? Number.NaN) + limit;
    case 'at-most':
      return value <= limit;
  }
}
