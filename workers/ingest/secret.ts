// Comparing secrets without telling an attacker how close a guess was.

/**
 * True when `given` equals `expected`. Both are hashed first, so neither length nor the place of the first difference shows
 * in the time taken (workerd's own timingSafeEqual throws on unequal lengths, docs/vendors.md, Cloudflare: Web Crypto). An unset or empty
 * `expected` matches nothing.
 */
export async function sameSecret(given: string | null, expected: string | undefined): Promise<boolean> {
  const [a, b] = await Promise.all([digest(given ?? ''), digest(expected ?? '')]);
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= (a[i] ?? 0) ^ (b[i] ?? 0);
  return difference === 0 && Boolean(expected) && given !== null;
}

/** Whether two of our own settings are the same text, and set. No sender has a part in it, so the time that it takes tells nobody anything. */
export function areSameSetting(one: string, other: string): boolean {
  return one !== '' && one === other;
}

/** The token of an `Authorization: Bearer …` header, or null. */
export function bearerToken(request: { headers: { get(name: string): string | null } }): string | null {
  return /^Bearer +(\S+) *$/i.exec(request.headers.get('authorization') ?? '')?.[1] ?? null;
}

async function digest(text: string): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)));
}
