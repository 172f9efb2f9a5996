// The real GoHighLevel client over a GoHighLevel that gives one answer.

import { CONTACT, goHighLevelStage, jsonAnswer, LOCATION } from '../../support/vendor-harness.ts';

/** A client whose GoHighLevel gives this one answer. */
export const answering = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  goHighLevelStage({}, { meddle: async () => jsonAnswer(status, body, headers) }).client;

/** A contact's answer, with these fields changed. */
export const contact = (changes: Record<string, unknown> = {}) => ({
  contact: { id: CONTACT, locationId: LOCATION, ...changes },
});
