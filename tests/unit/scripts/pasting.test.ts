// What scripts print for pasting works in every shell. zsh takes no comments, so commands stand alone on their lines.

import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { greeting } from '../../../scripts/local/greeting.ts';
import { command } from '../../../scripts/replay/options.ts';

type Greeted = Parameters<typeof greeting>[0];

const sandbox = { url: 'http://127.0.0.1:8788', ghlBaseUrl: 'http://ghl', callToolsBaseUrl: 'http://calltools' };
const pipeline = {
  url: 'http://127.0.0.1:8787',
  adminToken: 'admin-token',
  workflowToken: 'workflow-token',
  webhookSecret: "it's a secret",
  locationId: 'location1',
  sandbox,
  sandboxes: new Map([['location1', sandbox]]),
  standIns: { goHighLevel: true, callTools: true },
} as unknown as Greeted;

/** The lines below each heading that ends with a colon, up to the next empty line. */
function blocksOf(text: string): string[] {
  return text
    .split('\n\n')
    .filter((part) => /^[A-Z].*:\n/.test(part))
    .map((part) => part.slice(part.indexOf('\n') + 1));
}

test('what npm start prints for pasting is commands alone', () => {
  const text = greeting(pipeline, '/state', {});
  const blocks = blocksOf(text);
  expect(blocks).toHaveLength(5);
  expect(text).not.toContain('#');
  for (const block of blocks) {
    expect(block.split('\n').every((line) => /^(curl |body=|signature=)/.test(line))).toBe(true);
    execFileSync('sh', ['-n', '-c', block]);
  }
});

test('the examples of npm run replay are commands alone', () => {
  let text = '';
  command()
    .configureOutput({ writeOut: (part) => (text += part) })
    .outputHelp();
  const examples = text.split('\n').filter((line) => line.includes('npm run replay -- --'));
  expect(examples).toHaveLength(7);
  for (const line of examples) expect(line).toMatch(/^ {4}npm run replay -- --[\w-]+( (--)?[\w,…-]+)*$/);
});
