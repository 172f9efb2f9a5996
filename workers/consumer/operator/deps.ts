// What the operator's routes need of the worker.

import type { Queue } from '@cloudflare/workers-types';
import type { IRequestStrict } from 'itty-router';
import type { RulesPreviewLine } from '../../../shared/api/rules.ts';
import type { IngestStatus } from '../../../shared/ingest-status.ts';
import type { Log } from '../../../shared/log.ts';
import type { Message } from '../../../shared/messages.ts';
import type { Env, World } from '../config/env.ts';
import type { Locations } from '../config/locations.ts';
import type { Settings } from '../config/settings.ts';
import type { Diagnosis, Examinable } from '../doctor/diagnose.ts';
import type { Preview } from '../doctor/fields/read-preview.ts';
import type { Rules } from '../domain/rules/conditions.ts';
import type { AlertMessage } from '../monitoring/alert-message.ts';
import type { Measurable } from '../monitoring/backlog.ts';
import type { ContactTest } from '../rules-preview/test-contact.ts';
import type { Run } from '../store/runs.ts';
import type { Named } from './lists/find-by-name.ts';

type Producer = Pick<Queue<Message>, 'sendBatch'>;

/** What the routes may use. */
export interface OperatorDeps {
  env: { DB: Env['DB']; EVENTS: Producer; BACKSTOP: Producer } & Measurable;
  world: Pick<World, 'now' | 'newId'>;
  log: Log;
  locations: Locations;
  /** Starts a backstop run of the location with these settings, or joins the running one. */
  startRun(startedBy: 'trigger', settings: Settings): Promise<{ run: Run; joined: boolean }>;
  /** Checks all that can be wrong with a location; where a contact is named, its membership too. */
  diagnose(location: Examinable, contactId: string | null, ingestStatus: IngestStatus | null): Promise<Diagnosis>;
  /** Reads a contact of the location with these settings, and says what the next write into CallTools would hold. */
  preview(contactId: string, settings: Settings): Promise<Preview>;
  /** Asks GoHighLevel for contacts of the location with these settings by name. */
  findByName(name: string, settings: Settings): Promise<Named>;
  /** Reads a contact of the location with these settings, and says what these rules make of it. */
  testContact(contactId: string, rules: Rules, settings: Settings): Promise<ContactTest>;
  /** Sends a message to an address for alerts: see monitoring/alert-send.ts. */
  sendAlert(url: string, message: AlertMessage): Promise<string | null>;
  /** Reads the whole contact list under these rules: see rules-preview/preview.ts. */
  previewRules(rules: Rules, settings: Settings): AsyncGenerator<RulesPreviewLine, void>;
}

/** Answers one route. Throws what D1 throws. */
export type Handler = (request: IRequestStrict, deps: OperatorDeps) => Promise<Response>;
