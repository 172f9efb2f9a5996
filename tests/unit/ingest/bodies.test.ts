// Bodies as they come over the wire: too long, cut off, shorter than announced, empty.

import { describe, expect, test } from 'vitest';
import { answerOf, contactUpdate, createStage, signed, textOf } from './ingest-harness.ts';

describe('bodies', () => {
  const post = (body: string | ReadableStream, headers: Record<string, string>) =>
    new Request('https://ingest.test/webhook/ghl', { method: 'POST', body, headers, duplex: 'half' } as RequestInit);

  test('a body of 256 KiB passes, one byte more does not', async () => {
    const stage = createStage();
    const unpadded = textOf(contactUpdate({ pad: '' })).length;
    const padded = (size: number) => textOf(contactUpdate({ pad: 'x'.repeat(size - unpadded) }));
    expect(padded(262_144)).toHaveLength(262_144);
    expect((await stage.post(padded(262_144))).status).toBe(202);
    expect((await stage.post(padded(262_145))).status).toBe(413);
  });

  test('an announced length over the limit is refused without reading', async () => {
    const stage = createStage();
    const response = await stage.fetch(post('{}', { ...signed('{}'), 'content-length': '262145' }));
    expect(response.status).toBe(413);
    expect((await answerOf(response)).detail).toContain('256 KiB');
  });

  test('a body over the limit is refused whatever was announced', async () => {
    const stage = createStage();
    const text = textOf(contactUpdate({ pad: 'x'.repeat(262_144) }));
    expect((await stage.fetch(post(text, { ...signed(text), 'content-length': '20' }))).status).toBe(413);
    expect(stage.events.messages).toEqual([]);
  });

  test('a sender that goes away in the middle is a 400, and nothing is stored', async () => {
    const stage = createStage();
    const text = textOf(contactUpdate());
    const broken = new ReadableStream({
      start: (controller) => controller.enqueue(new TextEncoder().encode(text.slice(0, 20))),
      pull: (controller) => controller.error(new Error('connection reset')),
    });
    const response = await stage.fetch(post(broken, signed(text)));
    expect(response.status).toBe(400);
    expect(stage.events.messages).toEqual([]);
  });

  test('a body shorter than announced is a 400', async () => {
    const stage = createStage();
    const text = textOf(contactUpdate());
    expect(
      (await stage.fetch(post(text.slice(0, 20), { ...signed(text), 'content-length': String(text.length) }))).status,
    ).toBe(400);
  });

  test('an empty body that is signed is quarantined', async () => {
    const stage = createStage();
    expect(await answerOf(await stage.post('', signed('')))).toMatchObject({ status: 'quarantined' });
  });
});
