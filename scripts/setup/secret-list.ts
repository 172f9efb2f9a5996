// Which secrets a worker has: their names, which is all that anybody can read of them.

import * as v from 'valibot';
import { jsonOf, mustSucceed, type SetupContext, StepFailed } from './step.ts';

const Names = v.array(v.object({ name: v.string() }));

/** The names of the secrets of the worker of this file. `orNone`: before its first deployment it has none. */
export async function listSecrets(
  file: string,
  { wrangler }: SetupContext,
  { orNone = false } = {},
): Promise<Set<string>> {
  const ran = await wrangler.run(['secret', 'list', '-c', file]);
  // What wrangler says of a worker that is not there.
  if (!ran.ok && orNone && /does not exist|not found|code: 10007/i.test(ran.said)) return new Set();
  mustSucceed(ran, 'The secrets that are set cannot be listed.');
  const listed = v.safeParse(Names, jsonOf(ran));
  if (!listed.success) throw new StepFailed('wrangler listed the secrets in no known form. Is it another version?');
  return new Set(listed.output.map(({ name }) => name));
}
