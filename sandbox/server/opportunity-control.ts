// Opportunities over the control API: a person names the pipeline and the stage as GoHighLevel shows them.

import { json } from '../answers.ts';
import type { OpportunityPatch, Pipeline } from '../gohighlevel/opportunities/opportunity.ts';
import type { GoHighLevel } from '../gohighlevel.ts';
import { BadEntry, type Entry, readEntry } from './entry.ts';

const FIELDS = ['contactId', 'pipeline', 'stage', 'status'];
const STATUSES = ['open', 'won', 'lost', 'abandoned'];

/** Lists, makes, edits and deletes opportunities; `id` is absent for the list. `silent`: no webhook is sent. Throws BadEntry. */
export async function answerOpportunities(
  ghl: GoHighLevel,
  request: Request,
  id: string | undefined,
  silent: boolean,
): Promise<Response> {
  const { method } = request;
  if (id === undefined) {
    if (method === 'GET') return json(200, { pipelines: ghl.settings.pipelines, opportunities: ghl.opportunities() });
    if (method === 'POST')
      return json(201, await ghl.addOpportunity(freshOf(await readEntry(request), ghl), { silent }));
    return wrongMethod('GET, POST');
  }
  const known = ghl.opportunities().find((one) => one.id === id);
  if (!known) return json(404, { error: `there is no opportunity ${id} in GoHighLevel` });
  if (method === 'GET') return json(200, known);
  if (method === 'PATCH') {
    const { contactId: _, ...patch } = fieldsOf(await readEntry(request), ghl.settings.pipelines, known.pipelineId);
    return json(200, await ghl.editOpportunity(id, patch, { silent }));
  }
  if (method !== 'DELETE') return wrongMethod('GET, PATCH, DELETE');
  await ghl.deleteOpportunity(id, { silent });
  return new Response(null, { status: 204 });
}

function freshOf(entry: Entry, { settings, contacts }: GoHighLevel) {
  const { contactId = '', pipelineId = '', pipelineStageId = '', ...more } = fieldsOf(entry, settings.pipelines, null);
  if (!contacts().some((contact) => contact.id === contactId))
    throw new BadEntry('"contactId" must be the id of a contact in GoHighLevel (GET /sandbox/ghl/contacts)');
  return { contactId, pipelineId, pipelineStageId, ...more };
}

/** `current`: id of the pipeline that it is in, where it is in one. The first pipeline and its first stage count where none is named. */
function fieldsOf(entry: Entry, pipelines: readonly Pipeline[], current: string | null): OpportunityPatch {
  for (const name of Object.keys(entry))
    if (!FIELDS.includes(name)) throw new BadEntry(`an opportunity has no "${name}" here; it has ${FIELDS.join(', ')}`);
  const { contactId, pipeline: named, stage, status } = entry;
  if (status !== undefined && !STATUSES.includes(String(status)))
    throw new BadEntry(`"status" must be one of ${STATUSES.join(', ')}`);
  const pipeline = pipelines.find(({ id, name }) => (named === undefined ? id === (current ?? id) : name === named));
  if (!pipeline) throw new BadEntry(`"pipeline" must be one of ${pipelines.map(({ name }) => name).join(', ')}`);
  const found = pipeline.stages.find(({ name }) => name === (stage ?? pipeline.stages[0]?.name));
  if (!found)
    throw new BadEntry(
      `"stage" must be one of ${pipeline.stages.map(({ name }) => name).join(', ')} (${pipeline.name})`,
    );
  const isMoved = current === null || named !== undefined || stage !== undefined;
  return {
    ...(contactId !== undefined && { contactId: String(contactId) }),
    ...(status !== undefined && { status: String(status) }),
    ...(isMoved && { pipelineId: pipeline.id, pipelineStageId: found.id }),
  };
}

function wrongMethod(allow: string): Response {
  return json(405, { error: `only ${allow} here` }, { allow });
}
