// A stand-in for GoHighLevel: its contacts API, its late and lying search, its webhooks, and hooks to act as its users do.

import { type CallLog, createCallLog } from './call-log.ts';
import { createFaults, type Faults } from './faults.ts';
import { createFrontDoor } from './front-door.ts';
import type { GhlContact } from './gohighlevel/contact.ts';
import type { Delivery } from './gohighlevel/delivery.ts';
import { createEditor } from './gohighlevel/editor.ts';
import { type GhlOpportunity, showInContactRow } from './gohighlevel/opportunities/opportunity.ts';
import { createOpportunityRoutes } from './gohighlevel/opportunities/routes.ts';
import { createOpportunities, type OpportunityUsers } from './gohighlevel/opportunities/users.ts';
import { createQuota } from './gohighlevel/quota.ts';
import { createRoutes } from './gohighlevel/routes.ts';
import { createSearch } from './gohighlevel/search.ts';
import { DEFAULT_SETTINGS, type GoHighLevelSettings } from './gohighlevel/settings.ts';
import { createStore } from './gohighlevel/store.ts';
import { createUsers, type Users } from './gohighlevel/users.ts';
import { createWebhookSender } from './gohighlevel/webhook-sender.ts';
import { createWrites, type Written } from './gohighlevel/write-routes.ts';
import type { WebhookTarget } from './webhooks.ts';
import { randomUuid, type World } from './world.ts';

export type { ContactInput, ContactPatch, GhlContact } from './gohighlevel/contact.ts';
export type { Delivery } from './gohighlevel/delivery.ts';
export type { Note, WorkflowStart } from './gohighlevel/write-routes.ts';

/** The stand-in for GoHighLevel, with what a test may see and change. */
export interface GoHighLevel extends Users, OpportunityUsers {
  /** Takes requests whose path is `/contacts/...`, `/locations/...`, `/users/...` or `/opportunities/...`, or has that after a base path. */
  handle(request: Request): Promise<Response>;
  contacts(): GhlContact[];
  /** From now on webhooks go there; undefined stops them. */
  sendWebhooksTo(target: WebhookTarget | undefined): void;
  /** The dashboard's manual Resend: the original payload once more (docs/vendors.md, GoHighLevel: deliveries and retries). */
  resend(webhookId: string): Promise<Delivery>;
  deliveries: Delivery[];
  /** Workflows started and notes written over the API, oldest first. */
  written: Written;
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
  const { customFields, pipelines, scopes, users } = DEFAULT_SETTINGS;
  const settings = {
    ...DEFAULT_SETTINGS,
    ...structuredClone({ customFields, pipelines, scopes, users }),
    ...chosen,
  };
  const store = createStore(settings, world, onChange);
  const webhooks = createWebhookSender({ settings, world, locationId, appId, target: options.webhook });
  const editor = createEditor({ store, webhooks, world });
  const written: Written = { workflowStarts: [], notes: [] };
  const faults = createFaults();
  const calls = createCallLog();
  const quota = createQuota(now);
  const traceId = () => randomUuid(random);
  const hidesDnd = () => settings.searchHidesCallDnd;
  const {
    visible,
    restore: restoreOpportunities,
    ...opportunityUsers
  } = createOpportunities({ settings, webhooks, world, hasContact: store.has, onChange });
  const beside = () => {
    if (!settings.searchShowsOpportunities) return () => ({});
    const all = visible();
    return (id: string) => ({ opportunities: all.filter(({ contactId }) => contactId === id).map(showInContactRow) });
  };
  const search = createSearch({ index: store.index, locationId, hidesDnd, beside, settings, now, traceId });

  return {
    ...createUsers({ store, editor, webhooks, world, locationId }),
    ...opportunityUsers,
    handle: createFrontDoor({
      ...world,
      root: /(\/(?:contacts|locations|users|opportunities)(?:\/.*)?)$/,
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
        opportunities: createOpportunityRoutes({ locationId, settings, visible, traceId }),
        write: createWrites({ store, editor, written, settings, locationId, world, traceId, onChange }),
        traceId,
      }),
    }),
    contacts: store.all,
    sendWebhooksTo: webhooks.sendTo,
    resend: webhooks.resend,
    deliveries: webhooks.deliveries,
    written,
    settled: webhooks.settled,
    settings,
    faults,
    calls,
    snapshot: () => ({
      contacts: store.all(),
      opportunities: opportunityUsers.opportunities(),
      written: structuredClone(written),
    }),
    restore(state) {
      const saved = structuredClone(state) as {
        contacts: GhlContact[];
        opportunities?: GhlOpportunity[];
        written?: Written;
      };
      store.restore(saved.contacts);
      restoreOpportunities(saved.opportunities ?? []);
      Object.assign(written, saved.written ?? { workflowStarts: [], notes: [] });
    },
  };
}
