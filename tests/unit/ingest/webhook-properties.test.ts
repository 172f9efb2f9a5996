import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseMessage } from '../../../shared/messages.ts';
import type { Scheme } from '../../../workers/ingest/keys.ts';
import { parseBody, readAppWebhook, readWorkflowWebhook } from '../../../workers/ingest/payload.ts';
import { shapeOf } from '../../../workers/ingest/quarantine.ts';
import { createSettingsReader } from '../../../workers/ingest/settings.ts';
import { classifyWebhook } from '../../../workers/ingest/webhook.ts';
import { CONTACT, contactUpdate, createStage, LOCATION, NOW } from './ingest-harness.ts';

const settings = { ...createSettingsReader(() => {})(createStage().env), locationId: LOCATION };
const classify = (body: unknown, scheme: Scheme) =>
  classifyWebhook(new TextEncoder().encode(JSON.stringify(body) ?? ''), scheme, settings, NOW);

const scheme = fc.constantFrom<Scheme>('hmac', 'ed25519', 'rsa');
/** Fields of a webhook, each with the value it should have or any other. */
const field = (value: unknown) => fc.oneof(fc.constant(value), fc.jsonValue());
const nearly = fc.record(
  {
    type: field('ContactUpdate'),
    locationId: field(LOCATION),
    location_id: field(LOCATION),
    location: field({ id: LOCATION }),
    id: field(CONTACT),
    contact: field({ id: CONTACT, tags: ['cold lead'] }),
    data: field({ id: CONTACT }),
    contact_id: field(CONTACT),
    tags: field(['cold lead']),
    dnd: field(false),
    dndSettings: field({ Call: { status: 'active' } }),
    timestamp: field(NOW),
    webhookId: field('w-1'),
  },
  { requiredKeys: [] },
);
const anything = fc.oneof(fc.jsonValue({ maxDepth: 6 }), nearly);

test('no JSON makes the reader throw', () => {
  fc.assert(
    fc.property(anything, (json) => {
      const body = parseBody(new TextEncoder().encode(JSON.stringify(json)));
      const object = body.kind === 'object' ? body.object : {};
      readAppWebhook(object);
      readWorkflowWebhook(object);
      shapeOf(json);
    }),
    { numRuns: 1000 },
  );
});

test('no bytes make the reader throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      parseBody(bytes);
    }),
  );
});

test('whatever is authentic becomes a message that the consumer can read, or is ignored or refused', async () => {
  const kinds = new Set<string>();
  await fc.assert(
    fc.asyncProperty(anything, scheme, async (json, by) => {
      const decision = await classify(json, by);
      kinds.add(decision.kind);
      if (decision.kind === 'queued' || decision.kind === 'quarantined') {
        expect(parseMessage(JSON.parse(JSON.stringify(decision.message)))).toEqual(decision.message);
      }
      if (decision.kind === 'queued') expect(decision.message.locationId).toBe(LOCATION);
    }),
    // Chance brings the rarest kind in most runs, not in all.
    { numRuns: 1000, examples: [[contactUpdate({ timestamp: NOW - 86_400_000 }), 'hmac']] },
  );
  expect([...kinds].sort()).toEqual(['ignored', 'quarantined', 'queued', 'refused']);
});

test('a snapshot never comes from a webhook that is stale, of the future, or without a time', async () => {
  const offset = fc.integer({ min: -400_000_000, max: 400_000_000 });
  await fc.assert(
    fc.asyncProperty(scheme, fc.option(offset), async (by, ahead) => {
      const timestamp = ahead === null ? undefined : NOW + ahead;
      const fresh = ahead !== null && ahead >= -300_000 && ahead <= 60_000;
      const decision = await classify(contactUpdate({ timestamp }), by);
      if (decision.kind === 'refused') expect([by, fresh]).toEqual(['hmac', false]);
      else expect(decision).toMatchObject({ kind: 'queued', message: { snapshot: fresh ? expect.anything() : null } });
    }),
    { numRuns: 500 },
  );
});

test('a shape never repeats a value that is not an id', () => {
  const value = fc.stringMatching(/^[a-z]+ [a-z]+@example\.com$/);
  const keys = fc.constantFrom('name', 'email', 'phone', 'id', 'contactId', 'tags', 'custom label', '__proto__');
  const tree = fc.letrec((tie) => ({
    node: fc.oneof({ maxDepth: 7 }, value, fc.array(tie('node')), fc.dictionary(keys, tie('node'))),
  })).node;
  fc.assert(
    fc.property(tree, (json) => {
      const shape = JSON.stringify(shapeOf(json));
      expect(shape).not.toContain('example.com');
      expect(shape).not.toContain('custom label');
    }),
  );
});

test('a shape is bounded, however large the body', () => {
  const wide = Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`key ${i}`, { id: CONTACT, contact: {} }]));
  const deep = JSON.parse(`${'{"contact":'.repeat(5000)}1${'}'.repeat(5000)}`);
  const bushy = (depth: number): unknown =>
    depth === 0
      ? CONTACT
      : { id: bushy(depth - 1), contact: bushy(depth - 1), data: bushy(depth - 1), tags: bushy(depth - 1) };
  for (const json of [wide, deep, bushy(7), Array(50_000).fill({ id: CONTACT })]) {
    expect(JSON.stringify(shapeOf(json)).length).toBeLessThan(10_000);
  }
});
