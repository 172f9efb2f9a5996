// Deliberate bugs in what follows from calls that end in "no".

import { consumer, type Plant } from './plant.ts';

export const CALL_PLANTS: Record<string, Plant> = {
  'a hold does not go along to a new number': {
    among: { theme: 'calls' },
    edits: [
      consumer(
        'sync/hold',
        'for (const hold of [row.hold, ...carriedAlong(row, tasks, dialer)]) {',
        'for (const hold of [row.hold, ...carriedAlong(row, tasks, dialer).slice(9)]) {',
      ),
    ],
  },
  'rows that come late are not looked for': {
    among: { theme: 'calls' },
    from: 15,
    edits: [
      consumer(
        'calls/walk',
        'return id <= cursor.id && (at === null || cursor.at === null || at < cursor.at - LATE_MS);',
        'return id <= cursor.id;',
      ),
      consumer(
        'calls/walk',
        'return at !== null && cursor.at !== null && at >= cursor.at - LATE_MS;',
        'return LATE_MS < 0;',
      ),
    ],
  },
  'a poll that died is not finished': {
    among: { theme: 'calls' },
    edits: [
      consumer(
        'calls/poll',
        'const held = isPending || (read?.holding ?? 0) > 0',
        'const held = !isPending && (read?.holding ?? 0) > 0',
      ),
    ],
  },
  'a walk is saved before its rows are kept': {
    among: { theme: 'calls' },
    from: 115,
    edits: [
      consumer(
        'calls/poll',
        'const kept = await env.DB.batch([',
        'await saveWalk(env.DB, lease, JSON.stringify(progress), startAt).run();\n    const kept = await env.DB.batch([',
      ),
    ],
  },
  'a hold on a number that a batch has in hand is left out': {
    among: { theme: 'calls' },
    from: 25,
    edits: [consumer('store/calls/holds', 'HAVING max(busy) = 0', 'HAVING max(busy) >= 0')],
  },
  'a row from before the first poll holds': {
    among: { theme: 'calls' },
    edits: [consumer('calls/poll', 'startId: mark.id, startAt', 'startId: 0, startAt')],
  },
  'a route that changed before the call ends the hold': {
    among: { theme: 'calls' },
    from: 220,
    edits: [consumer('sync/hold', "if (reason !== 'said_no') return true;", "if (reason !== 'deleted') return true;")],
  },
  'a notice puts off the poll': {
    among: { theme: 'calls' },
    edits: [consumer('calls/poll', 'early ? poll.dueAt :', 'early ? cronAt + 86_400_000 :')],
  },
  'tags are replaced': {
    among: { theme: 'calls' },
    edits: [
      consumer(
        'vendors/calls/gohighlevel-writes',
        "write('POST', contactId, '/tags', { tags })",
        "write('PUT', contactId, '', { tags })",
      ),
    ],
  },
  'a write to GoHighLevel is not recorded, and repeated': {
    among: { theme: 'calls' },
    edits: [
      consumer(
        'calls/write-end',
        "    case 'done':\n    case 'gone':",
        "    case 'done':\n      return over(stored.step === 'dnd' ? 'done' : 'waiting');\n    case 'gone':",
      ),
    ],
  },
  'other channels of do-not-disturb are overwritten': {
    among: { theme: 'calls' },
    edits: [
      consumer('vendors/calls/gohighlevel-writes', 'dndSettings: { ...channels, [name]', 'dndSettings: { [name]'),
    ],
  },
  'a deletion ends a hold': {
    among: { theme: 'calls' },
    edits: [consumer('sync/hold', "['deleted', 'webhook_said_out',", "['webhook_said_out',")],
  },
  'whom a CallTools contact has shown before is forgotten': {
    among: { theme: 'calls' },
    from: 120,
    edits: [consumer('sync/let-go', 'return isLetGo ? [', 'return isLetGo && id < 0 ? [')],
  },
};
