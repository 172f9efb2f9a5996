// An opportunity as GoHighLevel stores it, the pipelines it may be in, its webhooks, and how it is shown (docs/vendors.md, GoHighLevel:
// opportunities).

/** A pipeline of the location, as `GET /opportunities/pipelines` shows it. */
export interface Pipeline {
  id: string;
  name: string;
  stages: { id: string; name: string; position: number }[];
}

/** A contact may have any number of them. */
export interface GhlOpportunity {
  id: string;
  name: string;
  contactId: string;
  pipelineId: string;
  pipelineStageId: string;
  /** open, won, lost or abandoned. */
  status: string;
  monetaryValue: number;
  assignedTo: string | null;
  source: string;
  /** ISO. */
  createdAt: string;
  updatedAt: string;
}

/** What a person can enter. */
export type OpportunityInput = Pick<GhlOpportunity, 'contactId' | 'pipelineId' | 'pipelineStageId'> &
  Partial<Omit<GhlOpportunity, 'createdAt' | 'updatedAt'>>;
/** What an edit may change. */
export type OpportunityPatch = Partial<Omit<GhlOpportunity, 'id' | 'createdAt' | 'updatedAt'>>;

/** The events that a rule may care for. */
export type OpportunityEventType =
  | 'OpportunityCreate'
  | 'OpportunityUpdate'
  | 'OpportunityStageUpdate'
  | 'OpportunityStatusUpdate'
  | 'OpportunityDelete';

/** A location with two pipelines. */
export const PIPELINES: Pipeline[] = [
  pipeline('sales', 'Sales', ['New Lead', 'Contacted', 'Booked', 'Sold']),
  pipeline('install', 'Installation', ['Survey', 'Scheduled', 'Done']),
];

function pipeline(id: string, name: string, stages: string[]): Pipeline {
  const long = (text: string) => text.padEnd(20, '0');
  return {
    id: long(id),
    name,
    stages: stages.map((stage, position) => ({ id: long(`${id}Stage${position + 1}`), name: stage, position })),
  };
}

/** One change fires the special event and OpportunityUpdate beside it (issue #27); an edit that changes nothing fires none. */
export function opportunityEvents(before: GhlOpportunity | null, after: GhlOpportunity | null): OpportunityEventType[] {
  if (!after) return before ? ['OpportunityDelete'] : [];
  if (!before) return ['OpportunityCreate'];
  const plain = ({ updatedAt: _, ...rest }: GhlOpportunity) => JSON.stringify(rest);
  if (plain(before) === plain(after)) return [];
  const isMoved = before.pipelineStageId !== after.pipelineStageId || before.pipelineId !== after.pipelineId;
  return [
    ...(isMoved ? (['OpportunityStageUpdate'] as const) : []),
    ...(before.status !== after.status ? (['OpportunityStatusUpdate'] as const) : []),
    'OpportunityUpdate',
  ];
}

/** The fields of an opportunity event. `id` is the opportunity's, not the contact's. */
export function showInWebhook({ createdAt, updatedAt: _, ...fields }: GhlOpportunity) {
  return { ...fields, dateAdded: createdAt };
}

/** A row of `GET /opportunities/search`. */
export function showFound(opportunity: GhlOpportunity, locationId: string): Record<string, unknown> {
  const { contactId, updatedAt } = opportunity;
  return {
    ...opportunity,
    locationId,
    lastStatusChangeAt: updatedAt,
    lastStageChangeAt: updatedAt,
    contact: { id: contactId },
  };
}

/** An entry of `opportunities` in a row of the contact search, in snake case as the official SDK's type has it. */
export function showInContactRow({ id, pipelineId, pipelineStageId, monetaryValue, status }: GhlOpportunity): object {
  return { id, pipeline_id: pipelineId, pipeline_stage_id: pipelineStageId, monetary_value: monetaryValue, status };
}
