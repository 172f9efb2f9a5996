// May this contact be called? One rule for both workers: doubt means do not dial.

/** GoHighLevel's word for a channel that is open; every other status (active, permanent, unknown) blocks it. */
const OPEN = 'inactive';

/**
 * True when the contact must not be called: `dnd` set, or the call channel in any state but `inactive`.
 * An absent `dnd` means false; the channel is spelled `Call` or, from API v3 on, `call`
 * (facts/gohighlevel.md 3 and 4.2 [DOC, INFERRED]). A value of an unexpected type counts as doubt.
 */
export function callBlocked(dnd: unknown, dndSettings: unknown): boolean {
  if (isSet(dnd)) return true;
  if (dndSettings === undefined || dndSettings === null || dndSettings === '') return false;
  if (typeof dndSettings !== 'object') return true;
  if (Array.isArray(dndSettings)) return dndSettings.length > 0;
  return Object.entries(dndSettings).some(
    ([channel, setting]) => channel.trim().toLowerCase() === 'call' && channelBlocked(setting),
  );
}

/** Set, or of a type that no document mentions. */
function isSet(dnd: unknown): boolean {
  return !(dnd === undefined || dnd === null || dnd === false || dnd === '' || dnd === 'false');
}

function channelBlocked(setting: unknown): boolean {
  if (setting === null || setting === undefined) return false;
  if (typeof setting !== 'object') return true;
  const status = (setting as { status?: unknown }).status;
  return typeof status !== 'string' || status.trim().toLowerCase() !== OPEN;
}
