// What the vendors take from the world outside: time, chance and waiting, so that a simulation can replay them exactly.

/** The world of the vendors. */
export interface World {
  /** Epoch ms. */
  now: () => number;
  /** At least 0, below 1. */
  random: () => number;
  /** May reject when the sandbox closes: the waiting work is then given up. */
  wait: (ms: number) => Promise<void>;
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** An id of GoHighLevel's look: 20 letters and digits (docs/vendors.md, GoHighLevel: webhooks). */
export function randomId(random: () => number, length = 20): string {
  return Array.from({ length }, () => ALPHABET.charAt(Math.floor(random() * ALPHABET.length))).join('');
}

/** A version 4 UUID, as `webhookId` is one (docs/vendors.md, GoHighLevel: webhooks). */
export function randomUuid(random: () => number): string {
  const digit = (from = 16, offset = 0) => (Math.floor(random() * from) + offset).toString(16);
  const digits = (length: number) => Array.from({ length }, () => digit()).join('');
  return `${digits(8)}-${digits(4)}-4${digits(3)}-${digit(4, 8)}${digits(3)}-${digits(12)}`;
}
