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
  'a deletion ends a hold': {
    among: { theme: 'calls' },
    edits: [consumer('sync/hold', "['deleted', 'webhook_said_out']", "['webhook_said_out']")],
  },
  'whom a CallTools contact has shown before is forgotten': {
    among: { theme: 'calls' },
    edits: [consumer('sync/let-go', 'return isLetGo ? [', 'return isLetGo && id < 0 ? [')],
  },
};
