// Text to bytes, strictly: one text for one value. Portable, since Node 22 lacks Uint8Array.fromBase64 and fromHex.

/** The bytes, or null unless `text` is canonical standard base64 (padded, no spaces, no stray bits). */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> | null {
  try {
    const binary = atob(text);
    if (btoa(binary) !== text) return null;
    return Uint8Array.from(binary, (char) => char.charCodeAt(0));
  } catch {
    return null;
  }
}

/** The bytes of hexadecimal text, upper or lower case; the caller has checked its form. */
export function fromHex(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(text.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}
