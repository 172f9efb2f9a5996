// Whether a contact may be called, by one rule for both workers: doubt means do not dial.

/** GoHighLevel's word for a channel that is open; every other status (active, permanent, unknown) blocks it. */
const OPEN = 'inactive';

/** Channels that are not calls, in any spelling (docs/vendors.md, GoHighLevel: do-not-disturb; GoHighLevel: contacts API). */
const OTHER_CHANNELS = new Set(['sms', 'email', 'whatsapp', 'gmb', 'fb', 'rcs']);

/**
 * True when the contact must not be called: `dnd` is set, or a channel that may mean calls is blocked. That is every key of
 * `dndSettings` (`Call`, `call`, but also `All` or `Voice`) except the known other channels. An absent `dnd` means false (docs/vendors.md,
 * GoHighLevel: do-not-disturb). A value of an unexpected type counts as doubt.
 */
export function callBlocked(dnd: unknown, dndSettings: unknown): boolean {
  if (isSet(dnd)) return true;
  if (saysNothing(dndSettings)) return false;
  if (typeof dndSettings !== 'object' || dndSettings === null) return true;
  if (Array.isArray(dndSettings)) return dndSettings.length > 0;
  return Object.entries(dndSettings).some(
    ([channel, setting]) => !OTHER_CHANNELS.has(plain(channel).replace(/[\s_-]+/g, '')) && channelBlocked(setting),
  );
}

/** What a contact says of do-not-disturb, however its keys are spelled (`dndSettings`, `dnd_settings`, `DND`); of several keys the strictest. */
export function dndOf(contact: Readonly<Record<string, unknown>>): { dnd?: unknown; dndSettings?: unknown } {
  const dnd: unknown[] = [];
  const settings: unknown[] = [];
  for (const key of Object.keys(contact)) {
    if (!BEGINS_DND.test(key)) continue;
    const name = plain(key).replace(/[\s_-]+/g, '');
    if (name === 'dnd') dnd.push(contact[key]);
    if (name === 'dndsettings') settings.push(contact[key]);
  }
  return {
    dnd: dnd.find((one) => callBlocked(one, null)) ?? dnd[0],
    dndSettings: settings.find((one) => callBlocked(null, one)) ?? settings[0],
  };
}

/** Most keys of a contact do not, and need no closer look. */
const BEGINS_DND = /^[\s_-]*d[\s_-]*n[\s_-]*d/i;

/** Set, or of a type that is not documented: 0 and "no" may mean anything. */
function isSet(dnd: unknown): boolean {
  return !(saysNothing(dnd) || dnd === false || (typeof dnd === 'string' && plain(dnd) === 'false'));
}

function channelBlocked(setting: unknown): boolean {
  if (saysNothing(setting)) return false;
  if (typeof setting !== 'object') return true;
  const status = (setting as { status?: unknown }).status;
  return typeof status !== 'string' || plain(status) !== OPEN;
}

/** The ways in which GoHighLevel says nothing (docs/vendors.md, GoHighLevel: tags and numbers). */
function saysNothing(value: unknown): boolean {
  return value === undefined || value === null || (typeof value === 'string' && ['', 'null'].includes(plain(value)));
}

function plain(text: string): string {
  return text.trim().toLowerCase();
}
