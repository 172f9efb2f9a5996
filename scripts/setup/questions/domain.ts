// The address of ingest: a domain of your own, in front of which Cloudflare's WAF and rate limits apply, or workers.dev.

import { CONSUMER_CONFIG, INGEST_CONFIG, read, saveValue } from '../config-file.ts';
import { type Found, type SetupContext, StepFailed } from '../step.ts';
import { given, WORKERS_DEV } from './answers.ts';

const ROUTES = ['routes'];

/** The domain that ingest has; null for workers.dev. */
export async function domainOf(folder: string): Promise<string | null> {
  const own = (await routesOf(folder)).find(isCustom);
  return own === undefined ? null : String(own.pattern);
}

/** Asks once, before the first deployment: a later change moves the address that the vendors know. */
export async function settleDomain(context: SetupContext, { isFirst }: Found): Promise<string> {
  const { folder, prompt } = context;
  const present = await domainOf(folder);
  const answer = given(context, 'domain');
  if (answer === WORKERS_DEV) return saveDomain(null, context, isFirst);
  if (answer !== undefined) {
    const host = hostOf(answer);
    if (host === null) throw new StepFailed(`--domain ${answer}: ${NO_HOST}`);
    return saveDomain(host, context, isFirst);
  }
  if (present !== null) return `The address of ingest is https://${present}.`;
  if (!isFirst || prompt === null) return `The address of ingest is one of ${WORKERS_DEV}. ${RECOMMENDED}`;
  const choice = await prompt.choose('Where should webhooks arrive?', [
    { value: 'own', label: 'A domain of mine, on this Cloudflare account', hint: 'recommended: WAF and rate limits' },
    { value: WORKERS_DEV, label: 'The address that Cloudflare gives me (workers.dev)', hint: 'without a WAF' },
  ]);
  if (choice === WORKERS_DEV) return saveDomain(null, context, isFirst);
  for (;;) {
    const host = hostOf(await prompt.ask('Host name for it, such as contacts.example.com'));
    if (host !== null) return saveDomain(host, context, isFirst);
    context.write(`    ${NO_HOST}`);
  }
}

const NO_HOST = 'That is no host name of your own, such as contacts.example.com: give it without https:// and path.';
const RECOMMENDED =
  'A domain of your own is better, because a WAF can stand in front of it (docs/set-up.md): npm run setup -- --domain HOST';

async function saveDomain(host: string | null, { folder }: SetupContext, isFirst: boolean): Promise<string> {
  const present = await domainOf(folder);
  const others = (await routesOf(folder)).filter((route) => !isCustom(route));
  const routes = host === null ? others : [...others, { pattern: host, custom_domain: true }];
  await saveValue(folder, INGEST_CONFIG, ROUTES, routes.length > 0 ? routes : undefined);
  // The vendors may still know the address at workers.dev: it is closed only where nobody can.
  if (host === null || isFirst) await saveValue(folder, INGEST_CONFIG, ['workers_dev'], host === null);
  if (host !== present)
    await saveValue(folder, CONSUMER_CONFIG, 'DASHBOARD_URL', host === null ? '' : `https://${host}`);
  if (host === null) return `The address of ingest is one of ${WORKERS_DEV}. ${RECOMMENDED}`;
  const open = isFirst ? '' : ` Its address at ${WORKERS_DEV} stays open until workers_dev is false there.`;
  return `The address of ingest is https://${host}: written into ${INGEST_CONFIG}, and as DASHBOARD_URL into ${CONSUMER_CONFIG}.${open}`;
}

type Route = Record<string, unknown>;

async function routesOf(folder: string): Promise<Route[]> {
  const routes = await read(folder, INGEST_CONFIG, ROUTES);
  return Array.isArray(routes) ? routes.map((route) => (typeof route === 'string' ? { pattern: route } : route)) : [];
}

function isCustom({ custom_domain }: Route): boolean {
  return custom_domain === true;
}

/** Null where it is no name that may be a custom domain. */
function hostOf(text: string): string | null {
  const host = text.trim().toLowerCase();
  const isName = /^(?!-)[a-z\d-]+(\.[a-z\d-]+)*\.[a-z][a-z\d-]+$/.test(host);
  return isName && !/(^|\.)workers\.dev$/.test(host) ? host : null;
}
