// What a person reads once the local run is up: addresses, tokens, and commands to paste. Commands stand alone on their lines: zsh
// does not take comments.

import { createContact, signedWebhook } from './example.ts';
import type { Pipeline } from './pipeline.ts';
import type { Environment } from './settings.ts';

type Greeted = Pick<
  Pipeline,
  'url' | 'adminToken' | 'workflowToken' | 'webhookSecret' | 'locationId' | 'sandbox' | 'sandboxes' | 'standIns'
>;

/** Where everything is, for a machine. No tokens. */
export function addresses(
  { url, locationId, sandbox, sandboxes, standIns }: Greeted,
  stateFolder: string,
  env: Environment,
): Record<string, unknown> {
  return {
    url,
    dashboard_url: `${url}/`,
    location_id: locationId,
    gohighlevel_url: (standIns.goHighLevel && sandbox?.ghlBaseUrl) || env.GHL_API_BASE_URL || null,
    calltools_url: (standIns.callTools && sandbox?.callToolsBaseUrl) || env.CALLTOOLS_BASE_URL || null,
    sandbox_urls: Object.fromEntries([...sandboxes].map(([id, one]) => [id, `${one.url}/sandbox`])),
    state_folder: stateFolder,
  };
}

/** The whole text. `stateFolder` and `env` are what the run was started with. */
export function greeting(pipeline: Greeted, stateFolder: string, env: Environment): string {
  const { url, adminToken, workflowToken, locationId, sandbox, sandboxes, standIns } = pipeline;
  const others = [...sandboxes].filter(([id]) => id !== locationId);
  const ghl = standIns.goHighLevel ? sandbox : null;
  const dialer = standIns.callTools ? sandbox : null;
  const rows = [
    ['Ingest', url],
    ['Dashboard', `${url}/ (log in with the admin token)`],
    ['Admin token', adminToken],
    ['Workflow token', workflowToken],
    ['Location id', locationId],
    ['GoHighLevel', ghl ? `sandbox, ${ghl.ghlBaseUrl}` : env.GHL_API_BASE_URL],
    ['CallTools', dialer ? `sandbox, ${dialer.callToolsBaseUrl}` : env.CALLTOOLS_BASE_URL],
    ['Sandbox', sandbox && `${sandbox.url}/sandbox lists what it can do`],
    ...others.map(([id, one]) => ['Other location', `${id}, sandbox ${one.url}`]),
    ['State', `${stateFolder} (delete it to start over)`],
  ].filter(([, value]) => value);
  const operator = (path: string) => `curl -s ${url}${path} -H 'Authorization: Bearer ${adminToken}'`;
  const commands = [
    ['Send a signed webhook', signedWebhook(pipeline)],
    ['Create a contact in GoHighLevel, which then sends its webhooks itself', ghl && createContact(ghl)],
    ['See what the dialer holds', dialer && `curl -s ${dialer.url}/sandbox/calltools/contacts`],
    ['See how the pipeline is doing', operator('/sync/stats')],
    ['Compare all contacts now, as the nightly sync does', `${operator('/sync/trigger')} -X POST`],
  ].filter(([, command]) => command);
  return [
    '',
    'The pipeline is running. Ctrl-C ends it.',
    '',
    ...rows.map(([name, value]) => `  ${String(name).padEnd(16)}${value}`),
    ...commands.flatMap(([what, command]) => ['', `${what}:`, command]),
    '',
    'Ready. Log lines of the workers follow.',
    '',
  ].join('\n');
}
