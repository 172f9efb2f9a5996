// Rules that are tried before they are deployed: on tags, on one contact, and on the whole contact list. Nothing is written.

import * as v from 'valibot';
import type { RulesPreviewLine, RulesTested } from '../../../shared/api/rules.ts';
import { Id } from '../../../shared/messages.ts';
import { problem } from '../../../shared/problem.ts';
import type { Location } from '../config/locations.ts';
import { explain } from '../domain/explanations.ts';
import type { Rules } from '../domain/rules/conditions.ts';
import { explainTags } from '../domain/rules/explain.ts';
import { parseRules } from '../domain/rules/setting.ts';
import { readCircuits } from '../store/circuits.ts';
import { readStandings } from '../store/contact-story.ts';
import { heldBack } from '../vendors/circuit-breaker.ts';
import { success } from './answer.ts';
import { notRead } from './contact-routes.ts';
import type { Handler, OperatorDeps } from './deps.ts';
import { badRequest, LocationQuery, type Parsed, readAsked, readBody } from './query.ts';

/** Room for thousands of routes. */
const MAX_BODY_BYTES = 262_144;

const Given = v.union([v.string(), v.looseObject({})], 'must be an object, or its text');
const Tags = v.pipe(
  v.array(v.pipe(v.string('must be texts'), v.maxLength(500, 'must be at most 500 characters long'))),
  v.maxLength(1000, 'must be at most 1000'),
);
const TestBody = v.strictObject({ contact_id: v.optional(Id), tags: v.optional(Tags), rules: v.optional(Given) });
const PreviewBody = v.strictObject({ rules: Given });

/** Reasons that no rule decides. */
const NOT_BY_RULES = [
  'said_no',
  'taken_out_in_calltools',
  'do_not_contact_set',
  'held_by_brake',
  'shared_phone',
  'shared_contact',
];

/** `POST /api/v1/rules/test`. */
export const testRules: Handler = async (request, deps) => {
  const asked = readAsked(request, LocationQuery, deps.locations);
  if (asked.kind === 'bad') return asked.answer;
  const body = await readBody(request, TestBody, '{"tags": ["cold lead"]} or {"contact_id": "…"}', MAX_BODY_BYTES);
  if (body.kind === 'bad') return body.answer;
  const { contact_id = null, tags = null, rules } = body.value;
  if ((contact_id === null) === (tags === null)) return badRequest('Give either tags or a contact_id.');
  const given = rules === undefined ? null : readRules(rules);
  if (given?.kind === 'bad') return given.answer;
  // Given rules on tags concern no location.
  if (tags !== null && given !== null)
    return success<RulesTested>({ ...NOBODY, rules: 'given', ...explainTags(given.value, tags) });

  const location = only(asked.chosen);
  if (location.kind === 'bad') return location.answer;
  const { settings } = location.value;
  const tried = { location_id: location.value.id, rules: given === null ? 'deployed' : 'given' } as const;
  if (tags !== null) return success<RulesTested>({ ...NOBODY, ...tried, ...explainTags(settings.rules, tags) });
  const result = await deps.testContact(contact_id ?? '', given?.value ?? settings.rules, settings);
  if (result.kind === 'gone' || result.kind === 'unread') return notRead(result);
  const notes = [...result.test.notes, ...(await hindrance(tried.location_id, contact_id ?? '', deps))];
  return success<RulesTested>({ contact_id, ...tried, ...result.test, notes });
};

const NOBODY = { contact_id: null, location_id: null, reason: null, notes: [] };

/** `POST /api/v1/rules/preview`: a line of JSON for each page of the contact list. */
export const previewRules: Handler = async (request, deps) => {
  const asked = readAsked(request, LocationQuery, deps.locations);
  if (asked.kind === 'bad') return asked.answer;
  const body = await readBody(request, PreviewBody, '{"rules": {"routes": […]}}', MAX_BODY_BYTES);
  if (body.kind === 'bad') return body.answer;
  const rules = readRules(body.value.rules);
  if (rules.kind === 'bad') return rules.answer;
  const location = only(asked.chosen);
  if (location.kind === 'bad') return location.answer;
  const { id, settings } = location.value;
  const circuits = (await readCircuits(deps.env.DB, id)).filter(({ vendor }) => vendor === 'gohighlevel');
  const held = heldBack(circuits, [], deps.world.now());
  if (held) {
    const headers = { 'retry-after': String(Math.ceil(held.ms / 1000)) };
    return problem(503, 'Not read', `GoHighLevel cannot be asked at the moment: ${held.why}`, headers);
  }
  return lines(deps.previewRules(rules.value, settings));
};

/** Made as they are taken: where the client goes away, no further line is made. */
function lines(events: AsyncGenerator<RulesPreviewLine, void>): Response {
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { value, done } = await events.next();
      if (done) controller.close();
      else controller.enqueue(encoder.encode(`${JSON.stringify(value)}\n`));
    },
    async cancel() {
      await events.return();
    },
  });
  return new Response(body, { headers: { 'content-type': 'application/x-ndjson', 'cache-control': 'no-store' } });
}

/** What the rules do not see. */
async function hindrance(locationId: string, contactId: string, { env }: OperatorDeps): Promise<string[]> {
  const reason = (await readStandings(env.DB, locationId, [contactId])).get(contactId)?.reason ?? '';
  return NOT_BY_RULES.includes(reason) ? [`Beside the rules, as last found: ${explain(reason).what}`] : [];
}

/** 422 with every mistake. */
function readRules(given: unknown): Parsed<Rules> {
  try {
    return { kind: 'ok', value: parseRules(given, 'rules') };
  } catch (thrown) {
    const detail = thrown instanceof Error ? thrown.message : String(thrown);
    return { kind: 'bad', answer: problem(422, 'Faulty rules', detail) };
  }
}

/** The one location whose settings can be used. */
function only(chosen: Location[]): Parsed<Extract<Location, { kind: 'ready' }>> {
  const [location, ...more] = chosen;
  if (more.length > 0) return bad('There are several locations: name one (?location=, --location).');
  if (location?.kind === 'ready') return { kind: 'ok', value: location };
  const fault = location?.fault ?? 'there is no location';
  const detail = `Correct this setting and deploy again: ${fault}`;
  return { kind: 'bad', answer: problem(503, 'Configuration is faulty', detail) };
}

function bad(detail: string): { kind: 'bad'; answer: Response } {
  return { kind: 'bad', answer: badRequest(detail) };
}
