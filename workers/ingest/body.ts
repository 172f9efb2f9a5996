// The request's bytes, bounded: read once, and no more than a webhook can need.

/** GoHighLevel's contacts are a few KB; 256 KiB leaves room for custom fields and none for abuse. */
export const MAX_BODY_BYTES = 262_144;

/** The bytes of a body, or why they are refused. */
export type BodyRead =
  | { kind: 'bytes'; bytes: Uint8Array<ArrayBuffer> }
  | { kind: 'refused'; reason: 'body_too_large' | 'body_broken' };

/** Reads the whole body. `body_broken`: the sender disconnected, or sent less than it had announced. */
export async function readBody(request: Request, maxBytes = MAX_BODY_BYTES): Promise<BodyRead> {
  const announced = Number(request.headers.get('content-length') ?? 0);
  if (announced > maxBytes) return { kind: 'refused', reason: 'body_too_large' };
  try {
    // With a known length it is read in one go, which is much faster (npm run bench -- --only ingest).
    const known = announced > 0;
    const bytes = known ? new Uint8Array(await request.arrayBuffer()) : await readUpTo(request, maxBytes);
    if (bytes === null || bytes.length > maxBytes) return { kind: 'refused', reason: 'body_too_large' };
    return bytes.length < announced ? { kind: 'refused', reason: 'body_broken' } : { kind: 'bytes', bytes };
  } catch {
    return { kind: 'refused', reason: 'body_broken' };
  }
}

/** The body's bytes, or null as soon as there are more than `maxBytes`. */
async function readUpTo(request: Request, maxBytes: number): Promise<Uint8Array<ArrayBuffer> | null> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  const reader = request.body?.getReader();
  for (;;) {
    const { done, value } = reader ? await reader.read() : { done: true, value: undefined };
    if (done) break;
    size += value.length;
    if (size > maxBytes) {
      await reader?.cancel();
      return null;
    }
    chunks.push(value);
  }
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}
