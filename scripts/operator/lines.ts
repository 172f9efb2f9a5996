// One request to the pipeline's operator routes whose answer comes line by line. Every failure becomes a Sentence.

import { Sentence } from '../command/sentence.ts';
import type { Address } from './address.ts';
import { notOurs, parsed, throwRefusal, unreached } from './call.ts';

/** The lines of the answer, each as JSON; undefined where one is none. Throws a Sentence. */
export async function* readLines({ url, token }: Address, path: string, body: unknown): AsyncGenerator<unknown, void> {
  const where = url.origin;
  let response: Response;
  try {
    response = await fetch(new URL(path, url), {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, accept: 'application/x-ndjson' },
      body: JSON.stringify(body),
      redirect: 'manual',
    });
  } catch {
    throw unreached(where, 'cannot be reached');
  }
  const isLines = response.headers.get('content-type') === 'application/x-ndjson';
  if (!response.ok || !isLines || response.body === null) {
    throwRefusal(where, response.status, parsed(await response.text()));
    throw notOurs(where, response.status);
  }
  try {
    for await (const line of splitLines(response.body.pipeThrough(new TextDecoderStream()))) yield parsed(line);
  } catch {
    throw new Sentence(`The connection to ${where} broke before the answer was complete. Nothing was changed.`);
  }
}

/** Whole lines, however they were cut. One that has no end is left out: it was cut short. */
export async function* splitLines(chunks: AsyncIterable<string>): AsyncGenerator<string, void> {
  let rest = '';
  for await (const chunk of chunks) {
    const lines = `${rest}${chunk}`.split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
}
