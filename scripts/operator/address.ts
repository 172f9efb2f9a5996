// Where the pipeline is, and the token for its operator routes: from options, or from the environment.

import { Option } from 'commander';
import { Sentence } from './sentence.ts';

/** Where an operator’s requests go. */
export interface Address {
  /** Origin of the ingest worker. */
  url: URL;
  token: string;
}

/** Both options as given. */
export interface RawAddress {
  url?: string;
  token?: string;
}

const LOCAL_URL = 'http://127.0.0.1:8787';

/** `--url`, or PIPELINE_URL. */
export const URL_OPTION = new Option(
  '--url <url>',
  `address of the ingest worker (or PIPELINE_URL; ${LOCAL_URL} if neither is given)`,
);
/** `--token`, or ADMIN_TOKEN. */
export const TOKEN_OPTION = new Option(
  '--token <token>',
  'the operator token (better: ADMIN_TOKEN, which no process list shows)',
);

/** Throws a Sentence where the address is no URL, or the token is missing or cannot be sent. */
export function readAddress({ url, token }: RawAddress, env: Record<string, string | undefined>): Address {
  return { url: urlOf(url ?? (env.PIPELINE_URL || LOCAL_URL)), token: tokenOf(token ?? env.ADMIN_TOKEN ?? '') };
}

function urlOf(text: string): URL {
  const url = URL.parse(text);
  if (url && /^https?:$/.test(url.protocol)) return url;
  throw new Sentence(`The address must be a URL such as ${LOCAL_URL}: give it with --url or PIPELINE_URL.`);
}

/** Checked here because fetch's own error would show the token. */
function tokenOf(token: string): string {
  if (token === '')
    throw new Sentence('No token: set ADMIN_TOKEN to the ADMIN_TOKEN of the ingest worker (or give --token).');
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  throw new Sentence(
    'The token (ADMIN_TOKEN or --token) must be one word of plain characters, without spaces or line breaks.',
  );
}
