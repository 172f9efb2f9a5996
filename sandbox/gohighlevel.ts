// A stand-in for GoHighLevel: its contacts API, its late and lying search, its webhooks, and hooks to act as its users do.

import { type CallLog, createCallLog } from './call-log.ts';
import { createFaults, type Faults } from './faults.ts';
import { createFrontDoor } from './front-door.ts';
import type { GhlContact } from './gohighlevel/contact.ts';
import type { Delivery } from './gohighlevel/delivery.ts';
import { createQuota } from './gohighlevel/quota.ts';
import { createRoutes } from './gohighlevel/routes.ts';
import { createSearch } from './gohighlevel/search.ts';
import { DEFAULT_SETTINGS, type GoHighLevelSettings } from './gohighlevel/settings.ts';
import { createStore } from './gohighlevel/store.ts';
import { createUsers, type Users } from './gohighlevel/users.ts';
import { createWebhookSender } from './gohighlevel/webhook-sender.ts';
import type { WebhookTarget } from './webhooks.ts';
import { randomUuid, type World } from './world.ts';

export type { ContactInput, ContactPatch, GhlContact } from './gohighlevel/contact.ts';
export type { Delivery } from './gohighlevel/delivery.ts';

/** The stand-in for GoHighLevel, with what a test may see and change. */
export interface GoHighLevel extends Users {
  /** Takes requests whose path is `/contacts/...`, `/locations/...` or `/users/...`, or has that after a base path. */
  handle(request: Request): Promise<Response>;
  contacts(): GhlContact[];
  /** From now on webhooks go there; undefined stops them. */
  sendWebhooksTo(target: WebhookTarget | undefined): void;
  /** The dashboard's manual Resend: the original payload once more (docs/vendors.md, GoHighLevel: deliveries and retries). */
  resend(webhookId: string): Promise<Delivery>;
  deliveries: Delivery[];
  /** Waits until no delivery is under way. */
  settled(): Promise<void>;
  /** May be changed at any time. */
  settings: GoHighLevelSettings;
  faults: Faults;
  calls: CallLog;
  snapshot(): unknown;
  restore(state: unknown): void;
}

interface Options extends World {
  locationId: string;
  apiKey: string;
  webhook?: WebhookTarget | undefined;
  settings?: Partial<GoHighLevelSettings>;
  onChange?: () => void;
  /** In every webhook's envelope. */
  appId?: string;
}

const APP_ID = 'sandboxApp0000000000000001';

/** A location without contacts. */
export function createGoHighLevel(options: Options): GoHighLevel {
  const { locationId, apiKey, settings: chosen, onChange = () => {}, appId = APP_ID, now, random, wait } = options;
  const world = { now, random, wait };
  const settings = { ...DEFAULT_SETTINGS, ...chosen };
  const store = createStore(settings, world, onChange);
  const webhooks = createWebhookSender({ settings, world, appId, target: options.webhook });
  const faults = createFaults();
  const calls = createCallLog();
  const quota = createQuota(now);
  const traceId = () => randomUuid(random);
  const hidesDnd = () => settings.searchHidesCallDnd;
  const search = createSearch({ index: store.index, locationId, hidesDnd, settings, now, traceId });

  return {
    ...createUsers({ store, webhooks, world, locationId }),
    handle: createFrontDoor({
      ...world,
      root: /(\/(?:contacts|locations|users)(?:\/.*)?)$/,
      faults,
      calls,
      throttleBody: () => ({ statusCode: 429, message: 'Too Many Requests' }),
      admit: () => quota.take({ ...settings.rateLimit, ...faults.rateLimit }),
      answer: createRoutes({
        apiKey,
        locationId,
        settings,
        contact: store.read,
        search,
        traceId,
      }),
    }),
    contacts: store.all,
    sendWebhooksTo: webhooks.sendTo,
    resend: webhooks.resend,
    deliveries: webhooks.deliveries,
    settled: webhooks.settled,
    settings,
    faults,
    calls,
    snapshot: () => ({ contacts: store.all() }),
    restore: (state) => store.restore((state as { contacts: GhlContact[] }).contacts),
  };
}
