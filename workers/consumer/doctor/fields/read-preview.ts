// GET /contacts/:id/fields: reads one contact and what both accounts have, and previews the next write. It changes nothing, and logs nothing.

import type { ContactFields, FieldPreview } from '../../../../shared/api/contacts.ts';
import { errorText } from '../../../../shared/harmless.ts';
import type { World } from '../../config/env.ts';
import type { Settings } from '../../config/settings.ts';
import { type GhlContact, isFilled, requireOurs } from '../../domain/contact.ts';
import { decide } from '../../domain/decide.ts';
import { explain } from '../../domain/explanations.ts';
import type { FieldPlan } from '../../domain/fields/field-map.ts';
import {
  type AccountUser,
  customRefs,
  isUserId,
  namedFields,
  namedOwners,
  planOf,
  resolveFields,
  resolveOwners,
} from '../../domain/fields/field-plan.ts';
import { toE164 } from '../../domain/phone.ts';
import { createVendors, type Vendors } from '../../vendors/clients.ts';
import { describedFields } from './description.ts';
import { missingRefs, readDefinitions } from './field-sources.ts';
import type { Fields } from './fields.ts';
import { judged, type Previewed, previewOf } from './preview.ts';

/** The preview, or why there is none. `error` quotes no personal data. */
export type Preview =
  | { kind: 'shown'; preview: Omit<ContactFields, 'contact_id' | 'location_id'> }
  | { kind: 'gone' }
  | { kind: 'unread'; error: string };

/** For all vendor calls together. */
const BUDGET_MS = 45_000;

/** Never throws. */
export async function readPreview(contactId: string, settings: Settings, world: World): Promise<Preview> {
  const notAfter = world.now() + BUDGET_MS;
  const vendors = createVendors(settings, world, notAfter);
  try {
    const read = await vendors.ghl.read(contactId);
    if (read.kind === 'gone') return { kind: 'gone' };
    if (read.kind === 'doubtful') return { kind: 'unread', error: read.failure.error };
    requireOurs(read);
    const [account, { plan, notes, ...found }] = await Promise.all([
      describedFields(settings, world, notAfter).then((described): Fields => ({ described, shown: null })),
      readPlan(settings, vendors),
    ]);
    const { intent, reason, route } = decide(read, {
      rules: settings.rules,
      country: settings.DEFAULT_COUNTRY,
      plan,
      now: world.now(),
    });
    const placed = intent === 'place';
    const undescribed = 'The account does not describe its fields: what it would drop or refuse is not known.';
    return {
      kind: 'shown',
      preview: {
        placed,
        explanation: placed
          ? `The rules place it (route ${route}): this is what the next write holds.`
          : `The rules keep it out of the dialer (${reason}), so nothing is written now. ${explain(reason).what} This is what a write would hold if they placed it.`,
        fields: [
          ...basics(read.contact, settings).map((one) => judged(one, account)),
          ...previewOf({ contact: read.contact, plan, account, ...found }),
          ...owner(read.contact, plan),
        ],
        notes: [...notes, ...(account.described ? [] : [undescribed])],
      },
    };
  } catch (thrown) {
    return { kind: 'unread', error: errorText(thrown) };
  }
}

/** References resolved as of now, not as they are remembered. */
async function readPlan(
  { fields: map }: Settings,
  { ghl, callTools }: Vendors,
): Promise<{ plan: FieldPlan; notes: string[] } & Pick<Previewed, 'unknownRefs' | 'isListRead'>> {
  const refs = customRefs(map);
  const definitions = await readDefinitions(ghl, refs);
  const named = namedOwners(map);
  const notes =
    definitions.kind === 'unknown'
      ? [
          `GoHighLevel’s list of custom fields cannot be read, so keys and names are not looked up here (npm run doctor says what to do): ${definitions.error}`,
        ]
      : [];
  const listed = async (list: () => Promise<AccountUser[]>) =>
    list().catch((thrown: unknown) => {
      notes.push(`A list of users cannot be read: ${errorText(thrown)}`);
      return [];
    });
  const ofGhl = named.some(([user]) => user.includes('@')) ? await listed(ghl.users) : [];
  const ofCallTools = named.some(([, owner]) => !isUserId(owner)) ? await listed(callTools.users) : [];
  const found = { asked: '', failure: null, readAt: 0 };
  const customIds = definitions.kind === 'known' ? resolveFields(refs, definitions.fields) : {};
  const ownerIds = resolveOwners(named, ofGhl, ofCallTools);
  return {
    plan: planOf(map, [
      { ...found, kind: 'custom_fields', resolved: customIds },
      { ...found, kind: 'owners', resolved: ownerIds },
    ]),
    unknownRefs: new Set(definitions.kind === 'known' ? missingRefs(refs, definitions.fields) : namedFields(map)),
    isListRead: definitions.kind === 'known',
    notes,
  };
}

/** What is written of every contact, whatever is mapped. */
function basics(contact: GhlContact, settings: Settings): FieldPreview[] {
  const { CALLTOOLS_PHONE_FIELD, CALLTOOLS_EMAIL_FIELD, CALLTOOLS_EXTERNAL_ID_FIELD, DEFAULT_COUNTRY } = settings;
  const phone = toE164(contact.phone, DEFAULT_COUNTRY);
  return [
    basic(CALLTOOLS_PHONE_FIELD, phone, 'phone', 'GoHighLevel has no usable phone number'),
    basic(
      CALLTOOLS_EMAIL_FIELD,
      isFilled(contact.email) ? contact.email.trim() : null,
      'email',
      'GoHighLevel has no email',
    ),
    ...(CALLTOOLS_EXTERNAL_ID_FIELD ? [basic(CALLTOOLS_EXTERNAL_ID_FIELD, contact.id, 'id', '')] : []),
  ];
}

function basic(field: string, value: string | null, from: string, lacking: string): FieldPreview {
  if (value !== null) return { field, value, from, outcome: 'written', note: null };
  return { field, value, from, outcome: 'kept', note: lacking };
}

/** Nothing where OWNERS is not set. */
function owner({ assignedTo }: GhlContact, { map, ownerIds }: FieldPlan): FieldPreview[] {
  if (map.owners.size === 0) return [];
  const value = ownerIds.get(assignedTo?.trim() ?? '') ?? null;
  const note = assignedTo
    ? 'OWNERS does not name the contact’s owner, or a user that it names is not found; the owner in CallTools stays'
    : 'the contact has no owner; the owner in CallTools stays';
  return [basic('owned_by', value, 'OWNERS', note)];
}
