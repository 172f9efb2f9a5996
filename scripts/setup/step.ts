// What every step of the set-up works with, and how it ends.

import type { World } from '../../workers/consumer/config/env.ts';
import type { Options } from './options.ts';
import type { Prompt } from './prompt.ts';
import type { Region } from './questions/answers.ts';
import type { Ran, Wrangler } from './wrangler.ts';

/** What a step may use. */
export interface SetupContext {
  options: Options;
  /** Where wrangler's configuration files are. */
  folder: string;
  env: NodeJS.ProcessEnv;
  write(line: string): void;
  /** Null where there is nobody to ask. */
  prompt: Prompt | null;
  wrangler: Wrangler;
  /** For questions to the vendors. */
  world: World;
}

/** What later steps and the closing words need of the earlier ones. */
export interface Found {
  /** There was no database yet: what is asked once is asked now. */
  isFirst: boolean;
  /** Where the database is to be. */
  region: Region;
  /** Of ingest, without a slash at the end; null where Cloudflare did not say. */
  url: string | null;
  /** Secrets that were made up in this run: shown once, at the end. */
  generated: Map<string, string>;
  /** Secrets that were given in this run, by a person or the environment: never shown. */
  keys: Map<string, string>;
  /** Names of secrets that this run has set. */
  set: Set<string>;
  /** ADMIN_TOKEN, once it is known. */
  token: string | null;
  /** What the check-up found; null where the pipeline was not asked. */
  isWell: boolean | null;
}

/** One step of the set-up. It may be repeated at any time. */
export interface Step {
  title: string;
  /** What it does and why, for the plan. */
  why: string;
  /** The commands that it may run, as a person would type them. */
  commands: string[];
  /** Does what is missing; says what it found or did, in lines. Throws a StepFailed. */
  run(context: SetupContext, found: Found): Promise<string[]>;
}

/** A step that did not succeed: the message says what to do. */
export class StepFailed extends Error {
  override readonly name = 'StepFailed';
}

/** Fails where wrangler did, with its own words after ours. */
export function mustSucceed(ran: Ran, advice: string): Ran {
  if (ran.ok) return ran;
  throw new StepFailed(`${advice}\nwrangler said:\n${lastLines(ran.said)}`);
}

const SHOWN_LINES = 12;

function lastLines(text: string): string {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return lines
    .slice(-SHOWN_LINES)
    .map((line) => `  ${line}`)
    .join('\n');
}

/** The JSON that a command printed, from its first bracket on. */
export function jsonOf({ stdout }: Ran): unknown {
  const start = stdout.search(/[[{]/);
  try {
    return JSON.parse(stdout.slice(start));
  } catch {
    return undefined;
  }
}
