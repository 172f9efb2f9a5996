// Deliberate bugs in mapped fields: a field that never arrives, one that keeps a person out, and a value that is told.

import { consumer, type Plant } from './plant.ts';

export const FIELD_PLANTS: Record<string, Plant> = {
  'a refused field keeps its contact out': {
    among: { theme: 'fields' },
    edits: [consumer('dialer/send', 'const MAX_ROUNDS = 3;', 'const MAX_ROUNDS = 0;')],
  },
  'a field that was left out is not tried again': {
    among: { theme: 'fields' },
    from: 36,
    edits: [
      consumer(
        'sync/attempt',
        'if (attempt.job.row.leftOut.length > 0) return write(attempt, desired, fingerprint);',
        '',
      ),
    ],
  },
  'a contact that lacks nothing is written every night': {
    among: { theme: 'fields' },
    edits: [
      consumer(
        'sync/attempt',
        'if (attempt.job.row.leftOut.length > 0) return write',
        'if (attempt.job.row) return write',
      ),
    ],
  },
  'what was left out is forgotten': {
    among: { theme: 'fields' },
    edits: [consumer('sync/left-out', 'leftOut: leftOut.length > 0 ? leftOut : null,', 'leftOut: null,')],
  },
  'a change of a mapped field is no change of the list': {
    among: { theme: 'fields' },
    edits: [
      consumer(
        'domain/fingerprint',
        'const fields = listed(mappedFields(contact, by.plan), by.plan);',
        'const fields = null;',
      ),
    ],
  },
  'a change of any custom field is a change of the list': {
    among: { theme: 'fields' },
    edits: [
      consumer(
        'domain/fingerprint',
        'const shown = [id, locationId || null,',
        'const shown = [Object.entries(contact.custom).sort(), id, locationId || null,',
      ),
    ],
  },
  'a field that the account has got reaches those who change only': {
    among: { theme: 'fields' },
    from: 113,
    edits: [consumer('domain/fingerprint', 'fields[name], added.get(name) ?? null]', 'fields[name], added.size < 0]')],
  },
  'a list that cannot be read is blamed on the contacts of the batch': {
    among: { theme: 'fields' },
    edits: [
      consumer('dialer/field-plan', 'failures.push(toFailure(thrown, vendor));', 'if (readAt > 0) throw thrown;'),
    ],
  },
  'a list that cannot be read counts for the vendor': {
    among: { theme: 'fields' },
    edits: [consumer('vendors/circuit-breaker', 'if (call.aside) return http.call(call);', '')],
  },
  'a refused value is remembered with its field': {
    among: { theme: 'fields' },
    edits: [
      consumer(
        'dialer/send',
        'observed.leftOut = [...leftOut, ...left];',
        'observed.leftOut = [...leftOut, ...left.flatMap((field) => [field, String(body[field])])];',
      ),
    ],
  },
  'the fields that an account has made hold nothing personal': {
    among: { theme: 'fields' },
    from: 55,
    edits: [
      consumer('vendors/http', 'people.note(Object.values(Object(call.body)))', 'people.note(call.body)'),
      consumer(
        'vendors/text',
        'const NOT_PERSONAL = /^(?:id|uuid)$|',
        'const NOT_PERSONAL = /^customFields$|^field_\\d+$|^(?:id|uuid)$|',
      ),
    ],
  },
};
