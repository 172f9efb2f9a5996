// Parts of the set-up: values in wrangler's configuration, and questions at a terminal.

import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { valueAt, withValue } from '../../../scripts/setup/config-file.ts';
import { createPrompt } from '../../../scripts/setup/prompt.ts';

describe('values in a configuration', () => {
  const jsonc =
    '{\n  // "id": "no",\n  "vars": {\n    "url": "https://x", // "id": "nor this"\n    "id": "a \\"b\\""\n  }\n}';

  test('are replaced in place, and put in where there are none', () => {
    expect(valueAt(jsonc, 'id', 'f')).toBe('a "b"');
    expect(withValue(jsonc, 'id', '$& "new"')).toBe(jsonc.replace('a \\"b\\"', () => '$& \\"new\\"'));
    const more = withValue(jsonc, 'more', { a: 1 });
    expect(more).toContain('// "id": "nor this"\n    "id": "a \\"b\\"",\n    "more": {\n      "a": 1\n    }\n  }\n}');
    expect([valueAt('{}', 'id', 'f'), valueAt('{"vars": 1}', 'id', 'f')]).toEqual([undefined, undefined]);
  });

  test('that stand twice, or in a broken file, are named by their place', () => {
    expect(() => valueAt('{"vars": {"id": "a",\n"id": "b"}}', 'id', 'f')).toThrow(
      'f, line 2, column 1: "id" stands twice',
    );
    expect(() => valueAt('{"vars": {', 'id', 'f')).toThrow(/^f, line 1/);
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
    expect(shown).toContain('The key');
    expect(shown).toContain('mine');
    expect(shown).not.toMatch(/pit|1234/);
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
