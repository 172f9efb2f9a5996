// The set-up from its first step to the words at its end. Each step looks at what is there, so a second run goes on where one failed.

import { WrongUse } from '../command/sentence.ts';
import { account } from './account.ts';
import { callHooks } from './call-hooks.ts';
import { CONSUMER_CONFIG, INGEST_CONFIG } from './config-file.ts';
import { database, migrations } from './database.ts';
import { consumer, ingest } from './deploy.ts';
import { fields } from './fields.ts';
import { queues } from './queues.ts';
import { secrets } from './secrets.ts';
import { type Found, type SetupContext, type Step, StepFailed } from './step.ts';
import { values } from './values.ts';

const NOBODY_TO_ASK =
  'Nothing was done: this deploys to Cloudflare, and there is no terminal to ask in. Add --yes to go ahead without a question (settings and secrets are then taken from the environment), or --dry-run to see what would be done.';

const STEPS: Step[] = [account, values, queues, database, migrations, consumer, ingest, secrets, fields];

/** The exit code: 0 done (or only planned), 1 a step failed. Throws a WrongUse where it cannot even begin: without a prompt it must be told that it need not ask. */
export async function run(context: SetupContext): Promise<number> {
  const { options, prompt, write } = context;
  const steps = options.callHooks ? [...STEPS, callHooks] : STEPS;
  if (options.dryRun) {
    write('This is what `npm run setup` does, in this order; nothing is done now.');
    for (const line of plan(steps)) write(line);
    return 0;
  }
  if (prompt === null && !options.yes) throw new WrongUse(NOBODY_TO_ASK);
  write('This puts the pipeline onto your Cloudflare account. It leaves alone what is there already.');
  for (const line of plan(steps)) write(line);
  if (prompt && !(await prompt.confirm('\nGo ahead?'))) return 0;

  const found: Found = { url: null, generated: new Map(), keys: new Map() };
  for (const [index, step] of steps.entries()) {
    write(`\n[${index + 1}/${steps.length}] ${step.title}`);
    try {
      for (const line of await step.run(context, found)) write(`    ${line}`);
    } catch (error) {
      if (!(error instanceof StepFailed)) throw error;
      write(`    Failed: ${error.message.replaceAll('\n', '\n    ')}`);
      write(
        `\nNothing is lost: fix that and run \`npm run setup\` again. It goes on with step ${index + 1}, ${step.title}.`,
      );
      showGenerated(found, write);
      return 1;
    }
  }
  write(closing(found));
  showGenerated(found, write);
  return 0;
}

function plan(steps: readonly Step[]): string[] {
  return steps.flatMap(({ title, why, commands }, index) => [
    `\n${index + 1}. ${title}\n   ${why}`,
    ...commands.map((command) => `   $ ${command}`),
  ]);
}

/** Made up in this run and set: nobody can read them again. */
function showGenerated({ generated }: Found, write: (line: string) => void): void {
  if (generated.size === 0) return;
  write('\nSecrets generated in this run. Keep them in your password manager: they are shown only now.');
  for (const [name, value] of generated) write(`    ${name}=${value}`);
}

function closing({ url }: Found): string {
  const at = url ?? 'https://<address of contact-ingest>';
  return `
Done. The pipeline runs${url ? ` at ${url}` : '; the Cloudflare dashboard shows its address under contact-ingest'}.

Now tell GoHighLevel where to send its webhooks, in one of two ways, or both:
  App webhook   marketplace app > Advanced Settings > Webhooks: ${at}/webhook/ghl
                Events: ContactCreate, ContactUpdate, ContactTagUpdate, ContactDelete, ContactDndUpdate.
                GoHighLevel signs these itself: no secret to paste.
  Workflow      Automation > action "Custom Webhook", POST: ${at}/webhook/ghl-workflow
                Header  Authorization: Bearer <GHL_WORKFLOW_TOKEN>
                Body    {"contact_id": "{{contact.id}}", "location_id": "{{location.id}}"}
                Triggers: tag added, tag removed, DND changed, contact changed.
Any other sender signs its body with HMAC-SHA256 of GHL_WEBHOOK_SECRET: see docs/configuration.md.

Then check that all is well, and bring the dialer up to date. First set the address and the token of this pipeline:
  export PIPELINE_URL='${at}'
  export ADMIN_TOKEN='paste it here'
  npm run doctor
  curl -X POST $PIPELINE_URL/sync/trigger -H "Authorization: Bearer $ADMIN_TOKEN"

${CONSUMER_CONFIG} and ${INGEST_CONFIG} now name your account's database and settings: commit them to your own repository.
For a new value of a secret: npm run setup -- --new NAME
For people who should look and not act (docs/security.md): npm run setup -- --new VIEWER_TOKEN`;
}
