// npm run rules -- --preview: what new rules would change, over the whole contact list.

import * as v from 'valibot';
import type { RulesMove, RulesPlace, RulesPreview, RulesPreviewLine, RulesUnclear } from '../../shared/api/rules.ts';
import { Sentence } from '../command/sentence.ts';
import { lineWidth, type Progress, startProgress } from '../command/terminal.ts';
import { harmless, table } from '../command/text.ts';
import type { Address } from '../operator/address.ts';
import { readLines } from '../operator/lines.ts';

const Place = v.object({
  route: v.nullable(v.string()),
  bucket: v.nullable(v.string()),
  reason: v.nullable(v.string()),
  condition: v.nullable(v.string()),
});
const moves = v.array(v.object({ from: Place, to: Place, contacts: v.number(), examples: v.array(v.string()) }));
const unclear = v.array(
  v.object({ what: v.string(), explanation: v.string(), contacts: v.number(), examples: v.array(v.string()) }),
);
const Line: v.GenericSchema<unknown, RulesPreviewLine> = v.variant('event', [
  v.object({ event: v.literal('progress'), contacts: v.number(), total: v.nullable(v.number()) }),
  v.object({ event: v.literal('waiting'), seconds: v.number(), why: v.string() }),
  v.object({ event: v.literal('failed'), detail: v.string() }),
  v.object({
    event: v.literal('result'),
    result: v.object({
      location_id: v.string(),
      contacts: v.number(),
      total: v.nullable(v.number()),
      complete: v.boolean(),
      comes_in: moves,
      goes_out: moves,
      moves,
      stays: v.object({ in: v.number(), out: v.number() }),
      unclear,
      in_doubt: unclear,
      notes: v.array(v.string()),
    }),
  }),
]);

/** Asks for it, with a progress bar. Throws a Sentence where there is no result, and Refused where the rules are faulty. */
export async function askPreview(
  rules: unknown,
  location: string | undefined,
  address: Address,
): Promise<RulesPreview> {
  const path = `/api/v1/rules/preview${location === undefined ? '' : `?${new URLSearchParams({ location })}`}`;
  let progress: Progress | null = null;
  try {
    for await (const given of readLines(address, path, { rules })) {
      const line = v.safeParse(Line, given);
      // A later version may say more.
      if (!line.success) continue;
      switch (line.output.event) {
        case 'progress':
          progress ??= startProgress('Contacts', line.output.total ?? 0);
          progress.update(line.output.contacts);
          break;
        case 'waiting':
          console.error(harmless(`Waiting ${line.output.seconds} s: ${line.output.why}`));
          break;
        case 'failed':
          throw new Sentence(harmless(line.output.detail));
        case 'result':
          return line.output.result;
      }
    }
  } finally {
    progress?.end();
  }
  throw new Sentence('The answer ended before there was a result. Nothing was changed: try again.');
}

/** For the terminal. */
export function showPreview(preview: RulesPreview, source: string): string {
  const { contacts, total, complete, stays, notes } = preview;
  const of = total === null || total === contacts ? '' : ` of ${total}`;
  return [
    `Rules: ${source}. ${contacts}${of} contacts of location ${preview.location_id}${complete ? '' : ' (not all: see below)'}.`,
    ...section('COME IN', preview.comes_in),
    ...section('GO OUT', preview.goes_out),
    ...section('MOVE', preview.moves),
    '',
    `Stay in the dialer: ${stays.in}. Stay out: ${stays.out}.`,
    ...unclearSection('THE LIST CANNOT TELL', preview.unclear),
    ...unclearSection('IN DOUBT, SO NOT DIALED', preview.in_doubt),
    '',
    ...notes.map(harmless),
  ].join('\n');
}

function section(title: string, groups: readonly RulesMove[]): string[] {
  if (groups.length === 0) return ['', `${title}: nobody`];
  const rows = groups.map(({ from, to, contacts, examples }) => [
    String(contacts),
    words(from),
    words(to),
    examples.join(' '),
  ]);
  return ['', `${title}: ${sum(groups)}`, table(['CONTACTS', 'FROM', 'TO', 'SUCH AS'], rows, lineWidth())];
}

function unclearSection(title: string, groups: readonly RulesUnclear[]): string[] {
  if (groups.length === 0) return [];
  const rows = groups.map(({ what, explanation, contacts, examples }) => [
    String(contacts),
    what,
    explanation,
    examples.join(' '),
  ]);
  return ['', `${title}: ${sum(groups)}`, table(['CONTACTS', 'WHAT', 'WHY', 'SUCH AS'], rows, lineWidth())];
}

function sum(groups: readonly { contacts: number }[]): number {
  return groups.reduce((all, { contacts }) => all + contacts, 0);
}

function words({ route, bucket, reason, condition }: RulesPlace): string {
  if (reason === null) return `${bucket ?? 'in the dialer'} (${route ?? 'route not known'})`;
  const by = reason === 'route' && route !== null ? `: ${route}` : '';
  return `out (${reason}${by}${condition === null || condition === '' ? '' : `: ${condition}`})`;
}
