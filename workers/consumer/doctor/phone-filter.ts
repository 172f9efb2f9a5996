// Can CallTools be searched by phone? It ignores an unknown filter and returns other contacts. So we search for a number that nobody
// has, and for one that a contact has.

import { errorText } from '../../../shared/harmless.ts';
import type { Settings } from '../config/settings.ts';
import { PLAUSIBLE_COUNT } from '../domain/phone.ts';
import type { CallTools, PhoneResource } from '../vendors/calltools.ts';
import { type Check, failed, ok, skipped, warning } from './check.ts';

/** Neither an area code nor an exchange may begin with 0. */
const IMPOSSIBLE = '+10000000000';

/** A contact that CallTools has: its id and one of its numbers, E.164. */
export interface Sample {
  id: number;
  phone: string;
}

type Verdict = 'works' | 'ignored' | 'refused' | 'finds nobody';

/** `sample` null: no contact is known, so only the first search can be tried. Never throws. */
export async function checkPhoneFilter(
  callTools: CallTools,
  { CALLTOOLS_PHONE_LOOKUP: mode }: Settings,
  sample: Sample | null,
): Promise<Check> {
  const code = 'calltools-phone-filter';
  if (mode === 'off')
    return skipped(code, 'CALLTOOLS_PHONE_LOOKUP is off: the account is trusted to merge duplicates.');
  try {
    const inContacts = mode === 'contacts' ? await tryOut(callTools, 'contacts', sample) : null;
    if (inContacts === 'works') return sample ? ok(code, 'The search in contacts works.') : halfKnown('contacts');
    const inNumbers = await tryOut(callTools, 'phonenumbers', sample);
    const seen = inContacts === null ? '' : `The search in contacts ${SAID[inContacts]}. `;
    if (inNumbers !== 'works') return failed(code, `${seen}The search in phonenumbers ${SAID[inNumbers]}.`);
    if (inContacts !== null)
      return warning(code, `${seen}That in phonenumbers works: set CALLTOOLS_PHONE_LOOKUP to phonenumbers.`);
    return sample ? ok(code, 'The search in phonenumbers works.') : halfKnown('phonenumbers');
  } catch (thrown) {
    return failed(code, errorText(thrown));
  }
}

const SAID: Record<Verdict, string> = {
  works: 'works',
  ignored: 'ignores the number: it returns contacts that do not have it',
  refused: 'is refused',
  'finds nobody': 'does not find a contact by its own number',
};

function halfKnown(resource: PhoneResource): Check {
  return warning(
    'calltools-phone-filter',
    `The search in ${resource} finds nobody under an impossible number; there is no contact with a phone yet to try the rest.`,
  );
}

async function tryOut(callTools: CallTools, resource: PhoneResource, sample: Sample | null): Promise<Verdict> {
  const nobody = await callTools.findByPhone(IMPOSSIBLE, resource);
  if (typeof nobody === 'string') return 'refused';
  if (nobody.count > 0 || nobody.rows.length > 0) return 'ignored';
  if (sample === null) return 'works';
  const one = await callTools.findByPhone(sample.phone, resource);
  if (typeof one === 'string') return 'refused';
  if (one.count > PLAUSIBLE_COUNT) return 'ignored';
  return one.rows.some(({ id }) => id === sample.id) ? 'works' : 'finds nobody';
}
