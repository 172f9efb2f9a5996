// Parts of the set-up: values in wrangler's configuration, and questions at a terminal.

import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { valueIn, withValue } from '../../../scripts/setup/config-file.ts';
import { createPrompt } from '../../../scripts/setup/prompt.ts';

describe('values in a configuration', () => {
  test('are found where they stand, not in comments, and only once', () => {
    const jsonc = '{\n  // "id": "no",\n  "url": "https://x", // "id": "nor this"\n  "id": "a \\"b\\""\n}';
    expect(valueIn(jsonc, 'id', 'f')).toBe('a "b"');
    expect(withValue(jsonc, 'id', '$& "new"', 'f')).toContain('"id": "$& \\"new\\""\n}');
    expect(() => valueIn('{"id": "a",\n"id": "b"}', 'id', 'f')).toThrow(
      'f should hold "id": "…" exactly once, and holds it 2',
    );
    expect(() => withValue('{}', 'id', 'x', 'f')).toThrow('holds it 0 times');
  });
});

describe('questions at a terminal', () => {
  /** A prompt, and what the person sees. */
  function terminal() {
    const input = new PassThrough();
    const output = new PassThrough();
    return { input, output, prompt: createPrompt(input, output) };
  }

  test('a secret is not shown, before, while or after it is typed', async () => {
    const { input, output, prompt } = terminal();
    const secret = prompt.askSecret('The key');
    input.write('pit-12');
    input.write('34\r');
    expect(await secret).toBe('pit-1234');
    const name = prompt.ask('The name');
    input.write(' mine \r');
    expect(await name).toBe('mine');
    output.end();
    const shown = await text(output);
    expect(shown).toContain('The key (not shown): ');
    expect(shown).toContain('mine');
    expect(shown).not.toMatch(/pit|12|34/);
  });

  test.each([
    ['\r', true],
    ['yes\r', true],
    ['n\r', false],
  ])('%j answers a yes or no', async (typed, meant) => {
    const { input, prompt } = terminal();
    const answer = prompt.confirm('Go ahead?');
    input.write(typed);
    expect(await answer).toBe(meant);
  });

  test('Ctrl-C ends it', async () => {
    const { input, prompt } = terminal();
    const answer = prompt.askSecret('The key');
    input.write('\u0003');
    await expect(answer).rejects.toThrow(expect.objectContaining({ name: 'AbortError' }));
  });
});
