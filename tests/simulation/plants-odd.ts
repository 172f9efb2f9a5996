// Deliberate bugs about odd answers: a refusal, nonsense or an odd "not found" is blamed on the wrong thing.

import { consumer, type Plant } from './plant.ts';

export const ODD_PLANTS: Record<string, Plant> = {
  'a refusal of one record opens the circuit': {
    among: { theme: 'odd' },
    edits: [
      consumer(
        'vendors/refusal',
        "if (evidence.probe === 'refused' && !evidence.served && suspects(before, marks) >= SEVERAL)",
        'if (entries.length > 0)',
      ),
    ],
  },
  'nonsense counts as a success': {
    among: { theme: 'odd' },
    from: 53,
    edits: [
      consumer(
        'vendors/circuit-breaker',
        'await noteFailure(vendor, call, error);',
        "if (error instanceof VendorError && error.message.includes('no known form')) monitor.worked.add(vendor);\n          await noteFailure(vendor, call, error);",
      ),
    ],
  },
  'nonsense is blamed on the contact': {
    among: { theme: 'odd' },
    edits: [
      consumer(
        'vendors/http',
        'if (!parsed.success) {',
        "if (!parsed.success) {\n      fail({ kind: 'contact', code: 'unexpected_response', error: error() });",
      ),
    ],
  },
  'an odd 404 of GoHighLevel is a deletion': {
    among: { theme: 'odd' },
    edits: [
      consumer(
        'vendors/gohighlevel',
        "if (isOdd(thrown)) return { kind: 'doubtful', failure: thrown.failure };",
        "if (isOdd(thrown)) return { kind: 'gone', flagged: true };",
      ),
    ],
  },
  'an odd 404 of CallTools is a contact that is gone': {
    among: { theme: 'odd' },
    edits: [consumer('vendors/calltools-errors', "return saysGone(json) ? 'answer' : 'odd';", "return 'answer';")],
  },
  'the search is believed about a contact that is too new for it': {
    among: { theme: 'odd' },
    from: 107,
    edits: [
      consumer('sync/deletion', '} else if (doubtful.has(task) && isFresh(task, now)) {', '} else if (now === 0) {'),
    ],
  },
  'a refused row of a stranger hides the contacts that were looked for': {
    among: { theme: 'odd' },
    edits: [
      consumer(
        'dialer/find-by-phone',
        "failure.kind !== 'refused' || !strangers",
        "failure.kind !== 'refused' || strangers || !strangers",
      ),
    ],
  },
  'an odd answer is a refusal without another look': {
    among: { theme: 'odd' },
    edits: [
      consumer('vendors/refusal', '!(await client.readsOthers(paths).catch(() => false))', 'false'),
      consumer('vendors/refusal', 'if (await client.isOddAgain(failure.path)) alone.add', 'alone.add'),
    ],
  },
  'a withdrawal that is refused as a whole is not tried in parts': {
    among: { theme: 'odd' },
    edits: [
      consumer('dialer/write', "wanted.kind === 'place' || !isForParts", "wanted.kind !== 'place' || !isForParts"),
    ],
  },
  'a part of a withdrawal that always fails keeps the others from being done': {
    among: { theme: 'odd' },
    edits: [consumer('dialer/write', '(!isPut && isFailedWrite(failure))', '(isPut && isFailedWrite(failure))')],
  },
  'a bucket that the contact may not leave is not left from its own side': {
    among: { theme: 'odd' },
    edits: [
      consumer('dialer/in-parts', 'if (!isRefusal(error) && !isFailedWrite(error)) throw error;', 'throw error;'),
    ],
  },
  'a contact that is refused keeps another of its number in a bucket': {
    among: { theme: 'odd' },
    edits: [
      consumer(
        'dialer/upsert',
        "if (session.desired.wanted.kind === 'out' && error instanceof VendorError)",
        'if (error === null)',
      ),
    ],
  },
};
