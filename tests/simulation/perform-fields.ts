// Carrying out what is done to fields.

import type { ContactPatch } from '../../sandbox/gohighlevel.ts';
import { type AskedAction, patchOfAnswers } from './asked.ts';
import { FORMS } from './field-forms.ts';
import { type FieldAction, scopesOf } from './fields.ts';
import type { Action, DndStatus } from './history.ts';
import type { World } from './world.ts';

/** The action changes what can be known of the fields of the accounts, or hides it. */
export function changesLists(action: Action): boolean {
  if (action.do === 'fault') return ['lists', 'gohighlevel', 'calltools'].includes(action.target);
  return action.do === 'scopes' || action.do === 'account';
}

/** What the account of CallTools, or GoHighLevel's key, becomes. */
export function changeAccount({ callTools, gohighlevel }: World, action: Exclude<FieldAction, { do: 'fill' }>): void {
  if (action.do === 'scopes') {
    gohighlevel.settings.scopes = scopesOf(action.granted);
    return;
  }
  const { settings } = callTools;
  // A text takes what any other field takes, apart from yes and no.
  const { field, how } = action;
  if (field === 'email') settings.refusedEmails = [];
  else if (how === 'loosen')
    settings.customFields = settings.customFields.map((one) =>
      one.name === field && one.type !== 'boolean' ? { name: field, type: 'text' } : one,
    );
  else if (!settings.customFields.some(({ name }) => name === field))
    settings.customFields = [...settings.customFields, { name: field, type: 'text' }];
}

/** The change of a contact that the action is: custom values that it does not name stay. */
export function patchOf(
  { gohighlevel, clock }: World,
  id: string,
  action: Extract<FieldAction, { do: 'fill' }> | AskedAction,
): ContactPatch {
  const contact = gohighlevel.contacts().find((one) => one.id === id);
  if (action.do === 'answer') return patchOfAnswers(contact, action, clock.now);
  const { texts, custom } = action;
  const kept = contact?.customFields.filter((one) => !(one.id in custom)) ?? [];
  const filled = Object.entries(custom).map(([field, [form, n]]) => ({ id: field, value: FORMS[form]?.(n).value }));
  return { ...texts, ...(filled.length > 0 && { customFields: [...kept, ...filled] }) };
}

/** Do-not-disturb of text messages is set so. */
export function patchOfSms({ gohighlevel }: World, id: string, status: DndStatus): ContactPatch {
  const dndSettings = gohighlevel.contacts().find((one) => one.id === id)?.dndSettings ?? {};
  return { dndSettings: { ...dndSettings, SMS: { status } } };
}
