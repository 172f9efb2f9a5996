// GET /doctor: a report for each location.

import type { Doctor, DoctorReport } from '../../../shared/api.ts';
import { forEachLimit } from '../../../shared/concurrency.ts';
import { readIngestStatus } from '../../../shared/ingest-status.ts';
import { DoctorQuery, type Examinable, viewDiagnosis } from '../doctor/diagnose.ts';
import { success } from './answer.ts';
import type { Handler } from './deps.ts';
import { badRequest, readAsked } from './query.ts';

/** Each location asks both vendors at once, and an invocation has 6 connections (docs/vendors.md). */
const EXAMINED_AT_ONCE = 2;

/** Runs the doctor for the locations that are asked about. */
export const doctor: Handler = async (request, { locations, diagnose }) => {
  const asked = readAsked(request, DoctorQuery, locations);
  if (asked.kind === 'bad') return asked.answer;
  const { chosen } = asked;
  const { contact = null } = asked.query;
  if (contact !== null && chosen.length > 1)
    return badRequest('There are several locations: name the one that has this contact (?location=, --location).');
  const nowhere: Examinable = { id: null, kind: 'faulty', fault: locations.fault ?? 'There is no location.' };
  // A fault beyond a single location is reported even where some locations can be examined.
  const beyond = chosen.length === 0 || locations.fault !== null ? [nowhere] : [];
  const examined = [...beyond, ...chosen];
  const ingestStatus = readIngestStatus(request.headers);
  const found = new Map<Examinable, DoctorReport>();
  await forEachLimit(examined, EXAMINED_AT_ONCE, async (one) => {
    found.set(one, viewDiagnosis(await diagnose(one, contact, ingestStatus)));
  });
  const reports = examined.flatMap((one) => found.get(one) ?? []);
  return success<Doctor>({ ok: reports.every(({ ok }) => ok), reports });
};
