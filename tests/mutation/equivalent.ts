// Mutants that no test can notice, because they change nothing that anybody could see. They are not counted.

/** One mutant, as `npm run mutate` shows it. */
export interface Equivalent {
  /** The line that it changes, without the spaces around it. */
  at: string;
  change: string;
  why: string;
}

/** By source file. */
export const EQUIVALENT: Record<string, Equivalent[]> = {
  'workers/consumer/domain/contact.ts': [
    {
      at: `const isEntry = typeof entry === 'object' && entry !== null && typeof entry.id === 'string';`,
      change: `condition: typeof entry === 'object' → true`,
      why: 'The entry is JSON: of what is no object only null has no properties to ask for, and that is excluded beside it.',
    },
  ],
  'workers/consumer/domain/call-word.ts': [
    {
      at: `const at = parts ? Date.parse(\`\${parts[1]}T\${parts[2]}\${(parts[3] ?? 'Z').toUpperCase()}\`) : Number.NaN;`,
      change: "string: 'Z' → ''",
      why: 'A time without a zone is one of the runtime’s, and that of Workers is UTC.',
    },
  ],
  'workers/consumer/domain/fields/field-values.ts': [
    {
      at: "const [, sign = '', whole = '', decimals = ''] = NUMBER.exec(text) ?? [];",
      change: "string: '' → 'mutated'",
      why: 'Of sign and whole: they are missing only where the text is no number, and then there are no digits. That of decimals is noticed.',
    },
    {
      at: String.raw`const [, one = '', other = '', ofYear = ''] = /^(\d{1,2})[/.-](\d{1,2})[/.-]([12]\d{3})$/.exec(text) ?? [];`,
      change: "string: '' → 'mutated'",
      why: 'They are missing only where the text is no date. Then there is no such day, whichever of them is this word.',
    },
  ],
  'workers/consumer/domain/fields/field-map-setting.ts': [
    {
      at: 'return [...rules.values()].sort((a, b) => (a.target < b.target ? -1 : 1));',
      change: 'number: 1 → 0',
      why: 'V8 asks only whether one entry comes before another, and no two have the same target.',
    },
  ],
  'workers/consumer/domain/retry.ts': [
    {
      at: "if (header === null || header.trim() === '') return fallbackMs;",
      change: "condition: header.trim() === '' → false",
      why: 'An empty text is the number 0, and 0 means the usual wait too.',
    },
  ],
  'workers/consumer/domain/phone.ts': [
    {
      at: 'const MAX_RECENT_CHARS = 40;',
      change: 'number: 40 → 0',
      why: 'It decides what is remembered, and a text is parsed to the same number again.',
    },
    {
      at: 'if (text.length > MAX_RECENT_CHARS) return parseAnew(text, country);',
      change: 'comparison: > → <=',
      why: 'It decides what is remembered, and a text is parsed to the same number again.',
    },
    {
      at: 'if (text.length > MAX_RECENT_CHARS) return parseAnew(text, country);',
      change: 'comparison: > → >=',
      why: 'It decides what is remembered, and a text is parsed to the same number again.',
    },
  ],
  'workers/consumer/domain/rules/tags.ts': [
    {
      at: 'const FIRST = /^(.)/u;',
      change: 'pattern: /^(.)/u → /(.)/u',
      why: 'A folded text has no line breaks, so any first character is one that the pattern takes.',
    },
  ],
  'workers/ingest/age.ts': [
    {
      at: `const ms = Date.parse(\`\${date}T\${time}\${zone.toUpperCase().replace(/^([+-]\\d{2})(\\d{2})$/, '$1:$2')}\`);`,
      change: 'method: toUpperCase → toLowerCase',
      why: 'Z is the only letter of a zone, and V8 reads z alike.',
    },
  ],
  'workers/ingest/routes.ts': [
    {
      at: "return url.indexOf('/', url.indexOf('//') + 2) === url.length - WEBHOOK_PATH.length;",
      change: 'number: 2 → 0',
      why: 'No webhook is a plain one then. The router takes it to the same place, only more slowly.',
    },
  ],
  'workers/ingest/keys.ts': [
    {
      at: 'return code < 58 ? code - 48 : (code | 32) - 87;',
      change: 'comparison: < → <=',
      why: '58 is a colon, and the text has been checked to be hexadecimal.',
    },
  ],
  'workers/ingest/webhook.ts': [
    {
      at: "const isUntyped = type.kind === 'absent' || type.kind === 'malformed';",
      change: "condition: type.kind === 'absent' || type.kind === 'malformed' → true",
      why: 'With a type only the contact or the location can be unreadable here, and without either there is no hint.',
    },
  ],
  'workers/consumer/domain/rules/unreachable.ts': [
    {
      at: "return place.startsWith('custom ') ? custom[place.slice('custom '.length)] : undefined;",
      change: "string: 'custom ' → ''",
      why: 'Of the first: any other place than a text condition is one of a custom field. That of the second is noticed.',
    },
    {
      at: "if (place === 'addedWithinDays') return (wide.addedWithinDays ?? 0) >= (narrow.addedWithinDays ?? 0);",
      change: 'number: 0 → 1',
      why: 'The place is one that both ask for, so both have a number. The zeros are there for the compiler.',
    },
  ],
  'workers/ingest/payload.ts': [
    {
      at: "whole && perhaps.length === 0 && (sure === tags || sure.join('\\n') === tags?.join('\\n')),",
      change: 'condition: sure === tags → false',
      why: 'It saves a comparison: a list has the same text as itself.',
    },
  ],
  'workers/ingest/secret.ts': [
    {
      at: 'return difference === 0 && Boolean(expected) && given !== null;',
      change: 'condition: given !== null → true',
      why: 'A missing secret is hashed like an empty one, and an empty one that is expected matches nothing.',
    },
  ],
  'workers/consumer/sync/follow.ts': [
    {
      at: 'inDoubt: false,',
      change: 'boolean: false → true',
      why: 'Only a look-up by number goes by it. This contact was read by its id.',
    },
  ],
  'workers/consumer/sync/hold.ts': [
    {
      at: 'if (route !== null && route !== hold.route && !isChangedSince(hold, tasks, dialer)) return { ...hold, route };',
      change: 'condition: route !== hold.route → true',
      why: 'A hold with the route that it has already is the same hold.',
    },
    {
      at: 'return other !== row && left && other.hold ? [other.hold] : [];',
      change: 'condition: other !== row → true',
      why: 'The hold of the number itself comes first. Where that does not stand, it does not stand when it is asked for once more.',
    },
  ],
  'workers/consumer/sync/plan.ts': [
    {
      at: "primaryRow: batch.phones.dialer.get(primary?.phoneHash ?? '') ?? null,",
      change: "string: '' → 'mutated'",
      why: 'Neither is the hash of a number, so there is no such row.',
    },
    {
      at: "return marking.map(({ work }) => ({ contactId: work.contactId, intent: 'dnc', priority: -1, phoneHash: hash }));",
      change: 'arithmetic: - → +',
      why: 'The priority counts only between contacts that are to be dialed.',
    },
    {
      at: 'return shown.filter((hash) => hash !== phoneHash);',
      change: 'method: .filter((hash) => hash !== phoneHash) → nothing',
      why: 'The number itself is added anyway where this is used, and nobody wants anything of it there.',
    },
    {
      at: 'return shown.filter((hash) => hash !== phoneHash);',
      change: 'condition: hash !== phoneHash → true',
      why: 'The number itself is added anyway where this is used, and nobody wants anything of it there.',
    },
  ],
  'workers/consumer/sync/settle.ts': [
    {
      at: 'const place = unapplied === null && task.readFailure !== null ? placeOf(task, mine) : task.row;',
      change: 'condition: task.readFailure !== null → true',
      why: 'Without a failed read the contact is done, or has a dead letter about the parts that cannot be read. Both say its state themselves.',
    },
    {
      at: 'if (before === null || phoneHash !== null) return null;',
      change: 'condition: before === null → false',
      why: 'A job is about a number, so none is found where there was no number.',
    },
  ],
  'workers/consumer/sync/apply.ts': [
    {
      at: "await runAll([...of('out'), ...of('place')], false);",
      change: 'boolean: false → true',
      why: 'A number follows here only where its job was planned anew. It does so at once where all is known that it needs, else in the next round, as ever.',
    },
    {
      at: "return { job, kind: 'failed', observed, fingerprint: null, doubtUntil: job.row.doubtUntil, failure, drifted: false };",
      change: 'boolean: false → true',
      why: 'Drift counts only where something was written, and stepping back takes out again what this batch itself has placed.',
    },
  ],
  'workers/consumer/sync/claim.ts': [
    {
      at: 'const giveUpAt = world.now() + (shared ? 0 : HOLD_MS);',
      change: 'number: 0 → 1',
      why: 'A millisecond: no vendor asks for a wait that short.',
    },
  ],
  'workers/consumer/sync/marked.ts': [
    {
      at: 'const isMarked = row.fingerprint !== null && row.fingerprint === (await fingerprintOf(MARKED, rules, dialer));',
      change: 'condition: row.fingerprint !== null → true',
      why: 'It saves a hash: null equals none.',
    },
  ],
  'workers/consumer/queue/hints.ts': [
    {
      at: 'const isOver = ageMs > (hint.callToolsId === null ? LOOK_FOR_ANY_MS : LOOK_FOR_MS);',
      change: 'comparison: > → >=',
      why: 'A millisecond of minutes.',
    },
  ],
  'workers/ingest/workflow-webhook.ts': [
    {
      at: 'if (detail !== null || locationId === null || contactId === null) {',
      change: 'condition: detail !== null → false',
      why: 'Whatever there is a fault to tell of leaves one of the two ids unknown.',
    },
  ],
};
