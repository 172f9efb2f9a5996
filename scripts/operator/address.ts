// Where the pipeline is, and the token for its operator routes: from options, or from the environment.

import { type Command, Option } from 'commander';
import { WrongUse } from '../command/sentence.ts';

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
const URL_OPTION = new Option(
  '--url <url>',
  `address of the ingest worker (or PIPELINE_URL; ${LOCAL_URL} if neither is given)`,
);
/** `--token`, or ADMIN_TOKEN. */
const TOKEN_OPTION = new Option(
  '--token <token>',
  'the operator token (better: ADMIN_TOKEN, which no process list shows)',
);

/** Adds the options that say where the pipeline is. */
export function withAddress(program: Command): Command {
  return program.addOption(URL_OPTION).addOption(TOKEN_OPTION);
}

/** Throws a WrongUse where the address is no URL, or the token is missing or cannot be sent. */
export function readAddress({ url, token }: RawAddress, env: Record<string, string | undefined>): Address {
  return { url: urlOf(url ?? (env.PIPELINE_URL || LOCAL_URL)), token: tokenOf(token ?? env.ADMIN_TOKEN ?? '') };
}

function urlOf(text: string): URL {
  const url = URL.parse(text);
  if (url && /^https?:$/.test(url.protocol)) return url;
  throw new WrongUse(`The address must be a URL such as ${LOCAL_URL}: give it with --url or PIPELINE_URL.`);
}

/** Checked here because fetch's own error would show the token. */
function tokenOf(token: string): string {
  if (token === '')
    throw new WrongUse('No token: set ADMIN_TOKEN to the ADMIN_TOKEN of the ingest worker (or give --token).');
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  throw new WrongUse(
    'The token (ADMIN_TOKEN or --token) must be one word of plain characters, without spaces or line breaks.',
  );
}
