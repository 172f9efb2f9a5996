// The deployment from GitHub: after the tests, and with the account's token in the one step that needs it.

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const read = (name: string) => readFileSync(`.github/workflows/${name}.yml`, 'utf8');

test('the token is seen by the step that runs wrangler, and by nothing else', () => {
  const [head = '', ...steps] = read('deploy').split(/^ {6}- /m);
  const seeing = steps.filter((step) => step.includes('secrets.'));
  expect(head).not.toContain('secrets.');
  expect(seeing).toHaveLength(1);
  expect(seeing[0]?.match(/npm .*$/gm)).toEqual(['npm run deploy']);
  expect(steps.filter((step) => /wrangler (?!\*)|npm run deploy/.test(step))).toEqual(seeing);
});

test('nothing is deployed before checks and tests have passed', () => {
  expect(read('deploy')).toMatch(
    /^ {2}test:\n {4}uses: \.\/\.github\/workflows\/test\.yml\n\n {2}deploy:\n {4}needs: test$/m,
  );
  const tests = read('test');
  expect(tests).toMatch(/^ {2}workflow_call:$/m);
  for (const command of ['npm run check', 'npm test']) expect(tests).toContain(`- run: ${command}\n`);
});

test('npm run deploy looks at the rules first, then migrates, and deploys ingest last', () => {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: { deploy: string } };
  expect(scripts.deploy.split(' && ').map((command) => command.replace(/ contact-pipeline --remote/, ''))).toEqual([
    'npm run rules -- --check',
    'wrangler d1 migrations apply -c wrangler.consumer.jsonc',
    'wrangler deploy -c wrangler.consumer.jsonc --tag "$npm_package_version"',
    'wrangler deploy -c wrangler.ingest.jsonc --tag "$npm_package_version"',
  ]);
});
