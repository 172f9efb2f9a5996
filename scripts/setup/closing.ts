// The words at the end of the set-up: lines to paste, complete, and the address of the dashboard.

import { CONSUMER_CONFIG, INGEST_CONFIG } from './config-file.ts';
import type { Found } from './step.ts';

/** Made up in this run and set: nobody can read them again. */
export function generatedLines({ generated }: Found): string[] {
  if (generated.size === 0) return [];
  return [
    '\nSecrets generated in this run. Keep them in your password manager: they are shown only now.',
    ...[...generated].map(([name, value]) => `    ${name}=${value}`),
  ];
}

/** What a person does next. A secret stands in it only where it was made up in this run. */
export function closing(found: Found): string {
  const at = found.url ?? 'https://<address of contact-ingest>';
  const secret = (name: string) => found.generated.get(name) ?? `<${name}>`;
  return `
Done. The pipeline runs${found.url ? ` at ${at}` : '; the Cloudflare dashboard shows its address under contact-ingest'}.

Tell GoHighLevel where to send its webhooks, in one of two ways, or both.
App webhook: marketplace app > Advanced Settings > Webhooks. GoHighLevel signs these itself, so there is no secret to paste.
  URL
    ${at}/webhook/ghl
  Events
    ContactCreate, ContactUpdate, ContactTagUpdate, ContactDelete, ContactDndUpdate
Workflow: Automation > action "Custom Webhook", for the triggers tag added, tag removed, DND changed, contact changed.
  Method and URL
    POST ${at}/webhook/ghl-workflow
  Header
    Authorization: Bearer ${secret('GHL_WORKFLOW_TOKEN')}
  Body
    {"contact_id": "{{contact.id}}", "location_id": "{{location.id}}"}
Any other sender signs its body with HMAC-SHA256 of GHL_WEBHOOK_SECRET: see docs/configuration.md.

The other commands need the address and the token of this pipeline:
    export PIPELINE_URL='${at}'
    export ADMIN_TOKEN='${secret('ADMIN_TOKEN')}'
    npm run doctor
    curl -X POST $PIPELINE_URL/sync/trigger -H "Authorization: Bearer $ADMIN_TOKEN"
The last line starts a sync.

${CONSUMER_CONFIG}, ${INGEST_CONFIG} and rules.jsonc now hold your settings, and no secret: commit them to your own repository.
For a WAF in front of it (docs/set-up.md, A domain of your own): ${waf(found)}
For what calls said, at once (docs/call-results.md): npm run setup -- --call-hooks
For alerts (docs/operations.md): npm run setup -- --new ALERT_WEBHOOK_URL
For a new value of any other secret: npm run setup -- --new NAME
For people who should look and not act (docs/security.md): npm run setup -- --new VIEWER_TOKEN

The dashboard asks for ADMIN_TOKEN:
    ${at}/`;
}

/** One rule keeps everybody but one's own network from all that is not a webhook. */
function waf({ url }: Found): string {
  const host = URL.parse(url ?? '')?.host ?? '';
  return host === '' || host.endsWith('.workers.dev')
    ? 'npm run setup -- --domain HOST'
    : `Security > WAF > Custom rules, action Block:
    http.host eq "${host}" and not starts_with(http.request.uri.path, "/webhook/") and not ip.src in {<your network>}`;
}
