// The secrets that setup sets, and the worker that each belongs to.

import { CONSUMER_CONFIG, INGEST_CONFIG } from './config-file.ts';

/** A secret that setup sets. */
export type SecretName =
  | 'GHL_API_KEY'
  | 'CALLTOOLS_API_KEY'
  | 'ADMIN_TOKEN'
  | 'GHL_WEBHOOK_SECRET'
  | 'GHL_WORKFLOW_TOKEN'
  | 'VIEWER_TOKEN'
  | 'ALERT_WEBHOOK_URL';

/** One secret of one worker. */
export interface Secret {
  name: SecretName;
  worker: string;
  file: string;
  /** How a person is asked for it, where only another can make it; null = made up here. */
  question: string | null;
  /** Set only where it is asked for: --new, or a value in the environment. */
  optional?: true;
}

/** The consumer, as setup deploys it. */
export const consumerWorker = { worker: 'contact-consumer', file: CONSUMER_CONFIG };

/** Ingest, as setup deploys it. */
export const ingestWorker = { worker: 'contact-ingest', file: INGEST_CONFIG };

/** All secrets of both workers. */
export const SECRETS: Secret[] = [
  {
    name: 'GHL_API_KEY',
    ...consumerWorker,
    question:
      'GoHighLevel token (Settings > Private Integrations, scopes contacts.readonly and, for custom fields, locations/customFields.readonly)',
  },
  {
    name: 'CALLTOOLS_API_KEY',
    ...consumerWorker,
    question: 'CallTools API key (Integrations > API Keys, of a manager user)',
  },
  {
    name: 'ALERT_WEBHOOK_URL',
    ...consumerWorker,
    question: 'Address for alerts, such as an incoming webhook of Slack; Enter for none',
    optional: true,
  },
  { name: 'ADMIN_TOKEN', ...ingestWorker, question: null },
  { name: 'GHL_WEBHOOK_SECRET', ...ingestWorker, question: null },
  { name: 'GHL_WORKFLOW_TOKEN', ...ingestWorker, question: null },
  { name: 'VIEWER_TOKEN', ...ingestWorker, question: null, optional: true },
];

/** Set with --call-hooks only: the route is closed without it. */
export const HOOK_SECRET = 'CALLTOOLS_WEBHOOK_TOKEN';

/** Secrets that setup makes up, asked or not. */
export const GENERATED = SECRETS.filter(({ question, optional }) => question === null && !optional).map(
  ({ name }) => name,
);

/** What is said of a secret that cannot be one. */
export const NOT_ONE_WORD = 'must not have spaces, line breaks or special characters in it: copy it again, alone.';

/** All of them are sent in HTTP headers, are addresses, or are compared with what is. */
export function isOneWord(text: string): boolean {
  return /^[\x21-\x7e]+$/.test(text);
}
