// Which vendors the pipeline talks to: those that the environment names, and the sandbox in place of those that it does not.

import { type CustomField, DEFAULT_SETTINGS } from '../../sandbox/calltools/settings.ts';
import { type Sandbox, type SandboxOptions, startSandbox } from '../../sandbox/sandbox.ts';
import { ed25519Signer } from '../../sandbox/webhooks.ts';
import type { Secrets } from './secrets.ts';
import type { Values } from './settings.ts';

const SANDBOX_LOCATION = 'sandboxLocation0001';

/** True where the sandbox stands in. */
export interface StandIns {
  goHighLevel: boolean;
  callTools: boolean;
}

/** The sandbox stands in for a vendor without a base URL. */
export function standInsFor(given: { GHL_API_BASE_URL?: unknown; CALLTOOLS_BASE_URL?: unknown }): StandIns {
  return { goHighLevel: !given.GHL_API_BASE_URL, callTools: !given.CALLTOOLS_BASE_URL };
}

/** The settings that tell the workers of no vendor's address yet: those given, before them kept secrets and the sandbox's own. */
export function completeValues(given: Values, standIns: StandIns, secrets: Secrets): Values {
  const { sandboxKeys, ...kept } = secrets;
  return {
    ...kept,
    ...(standIns.goHighLevel && {
      GHL_LOCATION_ID: SANDBOX_LOCATION,
      GHL_API_KEY: 'pit-sandbox',
      GHL_ED25519_PUBLIC_KEYS: sandboxKeys.publicKeyPem,
    }),
    ...(standIns.callTools && { CALLTOOLS_API_KEY: 'sandbox-token' }),
    ...given,
  };
}

/** The addresses at which the workers find the sandbox. */
export function sandboxAddresses(sandbox: Sandbox, standIns: StandIns): Values {
  return {
    ...(standIns.goHighLevel && { GHL_API_BASE_URL: sandbox.ghlBaseUrl }),
    ...(standIns.callTools && { CALLTOOLS_BASE_URL: sandbox.callToolsBaseUrl }),
  };
}

/** A sandbox with this location, these keys, and an account whose fields are those that the settings name. */
export async function openSandbox(
  values: Values,
  { port = 0, ...options }: Pick<SandboxOptions, 'port' | 'stateFile' | 'ghlSettings' | 'callToolsSettings'>,
): Promise<Sandbox> {
  const named = (name: string | undefined, names: string[]) => (name ? [...new Set([name, ...names])] : names);
  const all: SandboxOptions = {
    ...options,
    ...(values.GHL_LOCATION_ID && { locationId: values.GHL_LOCATION_ID }),
    ...(values.GHL_API_KEY && { ghlApiKey: values.GHL_API_KEY }),
    ...(values.CALLTOOLS_API_KEY && { callToolsToken: values.CALLTOOLS_API_KEY }),
    callToolsSettings: {
      phoneFields: named(values.CALLTOOLS_PHONE_FIELD, DEFAULT_SETTINGS.phoneFields),
      emailField: values.CALLTOOLS_EMAIL_FIELD || DEFAULT_SETTINGS.emailField,
      customFields: withTextField(values.CALLTOOLS_EXTERNAL_ID_FIELD),
      ...options.callToolsSettings,
    },
  };
  try {
    return await startSandbox({ ...all, port });
  } catch (error) {
    const taken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
    if (taken && port !== 0) return startSandbox({ ...all, port: 0 });
    throw error;
  }
}

/** The sandbox's fields, with this one among them. */
function withTextField(name: string | undefined): CustomField[] {
  const { customFields } = DEFAULT_SETTINGS;
  if (!name || customFields.some((field) => field.name === name)) return customFields;
  return [{ name, type: 'text' }, ...customFields];
}

/** From now on edits in the sandbox's GoHighLevel send signed webhooks to ingest, as the real one's do. */
export async function connectWebhooks(sandbox: Sandbox, ingestUrl: string, { sandboxKeys }: Secrets): Promise<void> {
  sandbox.ghl.sendWebhooksTo({
    url: `${ingestUrl}/webhook/ghl`,
    sign: await ed25519Signer(sandboxKeys.privateKeyPem),
  });
}
