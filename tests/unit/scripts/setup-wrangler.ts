// Stands where wrangler would: a make-believe Cloudflare account that notes every call and fails where told to. As a process it
// keeps the account in a JSON file.

import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import type { Ran } from '../../../scripts/setup/wrangler.ts';

export interface Account {
  /** Empty: not logged in. */
  accounts: { id: string; name: string }[];
  queues: Record<string, { retention?: string }>;
  databases: { name: string; uuid: string }[];
  migrated: boolean;
  /** Secrets of each deployed worker. */
  workers: Record<string, Record<string, string>>;
  /** Every call's arguments, with the account that it was for and the names in its environment. */
  calls: { args: string; account: string; environment: string[] }[];
  /** The next call that begins like this fails, before or after it took effect. */
  fail?: Failure;
}

export interface Failure {
  call: string;
  /** Of the calls that begin like this; the first where nothing is said. */
  nth?: number;
  when: 'before' | 'after';
  saying: string;
}

export const anAccount = (changes: Partial<Account> = {}): Account => ({
  accounts: [{ id: 'acc1', name: 'Acme' }],
  queues: {},
  databases: [],
  migrated: false,
  workers: {},
  calls: [],
  ...changes,
});

interface Call {
  account: Account;
  /** The third word. */
  name: string;
  /** Whose configuration is named. */
  worker: string;
  retention: { retention?: string };
  /** Where secrets of a deployment stand. */
  secretsFile: string | undefined;
  input: string;
  env: NodeJS.ProcessEnv;
}

class Refusal extends Error {}

const NAMES: Record<string, string> = {
  'wrangler.consumer.jsonc': 'contact-consumer',
  'wrangler.ingest.jsonc': 'contact-ingest',
};

/** What wrangler 4.155 prints, as far as the set-up reads it, by the first two words. */
const COMMANDS: Record<string, (call: Call) => string> = {
  'whoami --json'({ account: { accounts } }) {
    if (accounts.length === 0) throw new Refusal(JSON.stringify({ loggedIn: false }));
    return JSON.stringify({ loggedIn: true, email: 'me@example.com', accounts });
  },
  'queues info'({ account, name }) {
    if (!account.queues[name]) throw new Refusal(`✘ [ERROR] Queue "${name}" does not exist. To create it, run: …`);
    return `Queue Name: ${name}`;
  },
  'queues create'({ account, name, retention }) {
    if (account.queues[name]) throw new Refusal(`✘ [ERROR] Queue name '${name}' is already taken. [code: 11009]`);
    account.queues[name] = retention;
    return `✅ Created queue '${name}'`;
  },
  'queues update'({ account, name, retention }) {
    account.queues[name] = retention;
    return `Updated queue '${name}'`;
  },
  'd1 list': ({ account }) => JSON.stringify(account.databases),
  'd1 create'({ account, name }) {
    account.databases.push({ name, uuid: '11111111-2222-3333-4444-555555555555' });
    return `✅ Successfully created DB '${name}'`;
  },
  'd1 migrations'({ account }) {
    const before = account.migrated;
    account.migrated = true;
    return before ? '✅ No migrations to apply!' : '🌀 Executing on remote database';
  },
  'deploy -c'({ account: { workers }, worker, secretsFile, env }) {
    const unbound = worker === 'contact-ingest' && !workers['contact-consumer'];
    if (unbound) throw new Refusal('✘ [ERROR] Could not resolve service binding to contact-consumer [code: 10143]');
    const given = secretsFile === undefined ? {} : JSON.parse(readFileSync(secretsFile, 'utf8'));
    const secrets = { ...workers[worker], ...given };
    if (worker === 'contact-ingest' && !secrets.ADMIN_TOKEN)
      throw new Refusal('✘ [ERROR] The following required secrets have not been set: ADMIN_TOKEN');
    workers[worker] = secrets;
    if (worker === 'contact-ingest') noteTargets(env, ['https://contact-ingest.acme.workers.dev', 'Producer for x']);
    return `Uploaded ${worker}`;
  },
  'secret list'({ account: { workers }, worker }) {
    const secrets = workers[worker];
    if (!secrets) throw new Refusal('✘ [ERROR] This Worker does not exist on your account. [code: 10007]');
    return JSON.stringify(Object.keys(secrets).map((name) => ({ name, type: 'secret_text' })));
  },
  'secret bulk'({ account: { workers }, worker, input }) {
    Object.assign(workers[worker] ?? {}, JSON.parse(input));
    return '✨ Successfully created secrets';
  },
};

const RETENTION = '--message-retention-period-secs';

function noteTargets({ WRANGLER_OUTPUT_FILE_PATH: path }: NodeJS.ProcessEnv, targets: string[]): void {
  const entries = [{ type: 'wrangler-session' }, { type: 'deploy', targets }];
  if (path) appendFileSync(path, entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
}

/** The failure that this call is to meet: then it is spent. */
function failureOf(account: Account, line: string): Failure | undefined {
  const { fail } = account;
  if (!fail || !line.startsWith(fail.call)) return undefined;
  if ((fail.nth ?? 1) > 1) account.fail = { ...fail, nth: (fail.nth ?? 1) - 1 };
  else delete account.fail;
  return (fail.nth ?? 1) > 1 ? undefined : fail;
}

/** One call of wrangler, which changes the account. */
export function perform(account: Account, args: string[], input: string, env: NodeJS.ProcessEnv): Ran {
  const line = args.join(' ');
  account.calls.push({ args: line, account: env.CLOUDFLARE_ACCOUNT_ID ?? '', environment: Object.keys(env) });
  const hit = failureOf(account, line);
  const after = (flag: string) => args[args.indexOf(flag) + 1] ?? '';
  try {
    if (hit?.when === 'before') throw new Refusal(hit.saying);
    const command = COMMANDS[args.slice(0, 2).join(' ')];
    if (!command) throw new Refusal(`Unknown arguments: ${line}`);
    const retention = args.includes(RETENTION) ? { retention: after(RETENTION) } : {};
    const secretsFile = args.includes('--secrets-file') ? after('--secrets-file') : undefined;
    const worker = NAMES[after('-c')] ?? '';
    const said = command({ account, name: args[2] ?? '', worker, retention, secretsFile, input, env });
    if (hit) throw new Refusal(hit.saying);
    return { ok: true, stdout: said, said };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { ok: false, stdout: error.message.startsWith('{') ? error.message : '', said: error.message };
  }
}

function main([file = '', ...args]: string[]): void {
  const account = JSON.parse(readFileSync(file, 'utf8')) as Account;
  const { ok, stdout, said } = perform(account, args, readFileSync(0, 'utf8'), process.env);
  writeFileSync(file, JSON.stringify(account));
  if (stdout) console.log(stdout);
  else console.error(said);
  process.exitCode = ok ? 0 : 1;
}

if (process.argv[1] === import.meta.filename) main(process.argv.slice(2));
