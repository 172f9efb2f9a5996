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

/**
 * What a contact says of do-not-disturb, however its keys are spelled (`dndSettings`, `dnd_settings`, `DND`); of several keys the strictest.
 * Any other key of that meaning (`dndCall`, `isDnd`, `do_not_call`, `dndSettings.Call.status`) sets `dnd`, unless it is another channel's or
 * its value says no.
 */
export function dndOf(contact: Readonly<Record<string, unknown>>): { dnd?: unknown; dndSettings?: unknown } {
  const dnd: unknown[] = [];
  const settings: unknown[] = [];
  for (const key of Object.keys(contact)) {
    if (!MAY_MEAN_DND.test(key)) continue;
    const name = nameOf(key);
    if (name === 'dnd') dnd.push(contact[key]);
    else if (name === 'dndsettings') settings.push(contact[key]);
    else if (meansCalls(name) && !saysNo(contact[key])) dnd.push(true);
  }
  return {
    dnd: dnd.find((one) => callBlocked(one, null)) ?? dnd[0],
    dndSettings: settings.find((one) => callBlocked(null, one)) ?? settings[0],
  };
}

/** Most keys of a contact do not, and need no closer look. One with other letters than those of ASCII may be spelled in full width. */
const MAY_MEAN_DND = /^[\W_]*(?:i[\W_]*s[\W_]*)?d[\W_]*(?:n[\W_]*d|o[\W_]*n)|[^ -~]/i;
/** The rest of a key is not looked at. */
const MAX_KEY_CHARS = 200;

/** Letters and digits, in one spelling. */
function nameOf(key: string): string {
  return key
    .slice(0, MAX_KEY_CHARS)
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '');
}

/** What such a key begins with. */
const MEANS_DND = /^(?:is)?(?:dnd|dono?t(?:disturb|call|contact))/;
const NAMES_CALLS = /call|all|voice|phone/;
/** What stands beside a switch: why it was set, and when it was last looked at. */
const BESIDE_SWITCH = /(?:message|code|updated(?:at|on|by)?|modified(?:at|on|by)?)$/;

function meansCalls(name: string): boolean {
  if (!MEANS_DND.test(name) || BESIDE_SWITCH.test(name)) return false;
  const rest = name.replace(MEANS_DND, '');
  const isOther = [...OTHER_CHANNELS].some((channel) => rest.includes(channel));
  return !isOther || NAMES_CALLS.test(rest);
}

/** Of a key that is not documented: an open channel, open channels, or a plain no. */
function saysNo(value: unknown): boolean {
  if (saysNothing(value) || value === false || value === 0) return true;
  if (typeof value === 'string') return ['false', 'no', '0', OPEN].includes(plain(value));
  if (typeof value !== 'object' || value === null) return false;
  return 'status' in value ? !channelBlocked(value) : !callBlocked(false, value);
}

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
