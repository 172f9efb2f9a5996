// Secrets are compared in one place, where the time taken tells nothing.

import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

test('a secret is compared nowhere but in workers/ingest/secret.ts and by crypto.subtle.verify', () => {
  const sources = ['shared', 'workers/ingest', 'workers/consumer'].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => [`${folder}/${name}`, readFileSync(`${folder}/${name}`, 'utf8')] as const),
  );
  const SECRETS = /(?:secret|token|signature|_KEY)s?\b/i;
  const COMPARED =
    /([\w.?]+)\s*[!=]==?\s*([\w.?]+)|\.(?:includes|startsWith|endsWith|indexOf|localeCompare)\(([\w.]+)/g;
  const found = sources.flatMap(([name, text]) =>
    [...text.replace(/\/\/.*|\/\*[\s\S]*?\*\//g, '').matchAll(COMPARED)]
      .filter(([, left = '', right = '', argument = '']) => [left, right, argument].some((one) => SECRETS.test(one)))
      // Compared with nothing; and a lease's token is a name, not a secret.
      .filter(([whole]) => !/null|undefined|lease_token/.test(whole))
      .map(([whole]) => `${name}: ${whole}`),
  );
  expect(found).toEqual([]);
});
