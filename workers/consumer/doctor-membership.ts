// Does a bucket membership really take? A contact that the operator names is taken out of its bucket, and the pipeline itself puts it
// back: by the rules, from a fresh read, under its own lease. So the check can never place anyone who is to be kept out.

import type { D1Database, Queue } from '@cloudflare/workers-types';
import type { ContactChanged, Message } from '../../shared/messages.ts';
import type { CallTools, Label } from './calltools.ts';
import { type Check, failed, ok, skipped, warning } from './doctor-check.ts';
import { managedNames, sameName } from './doctor-labels.ts';
import { messageOf } from './doctor-observed.ts';
import { leasePhone, readContactState, releasePhone } from './doctor-store.ts';
import type { World } from './env.ts';
import type { Settings } from './settings.ts';

export interface Patient {
  db: D1Database;
  events: Pick<Queue<Message>, 'send'>;
  settings: Settings;
  world: World;
  callTools: CallTools;
  /** Those that CallTools has. */
  buckets: Label[];
}

const CODE = 'membership';
/** Taking out and reading back are two calls of 10 s at most. */
const LEASE_MS = 60_000;
const BACK_WITHIN_MS = 25_000;
const LOOK_EVERY_MS = 500;

/** Changes nothing unless the contact is placed. Never throws. */
export async function checkMembership(contactId: string, patient: Patient): Promise<Check> {
  try {
    const { db, settings } = patient;
    const contact = await readContactState(db, settings.GHL_LOCATION_ID, contactId);
    if (contact?.state !== 'placed' || contact.callToolsId === null || contact.phoneHash === null) {
      const stands = contact ? `is ${contact.state} (${contact.reason})` : 'is not known here';
      return skipped(CODE, `The contact named ${stands}: name one that is placed, best a test contact of your own.`);
    }
    const out = await takeOut(contact.phoneHash, contact.callToolsId, patient);
    return out ?? (await seeItBack(contactId, contact.callToolsId, patient));
  } catch (thrown) {
    return failed(CODE, messageOf(thrown));
  }
}

/** Null when it is out, and was seen to be; else what is wrong. */
async function takeOut(phoneHash: string, id: number, patient: Patient): Promise<Check | null> {
  const { db, settings, world, callTools } = patient;
  const lease = { token: world.newId(), now: world.now(), until: world.now() + LEASE_MS };
  if (!(await leasePhone(db, settings.GHL_LOCATION_ID, phoneHash, lease)))
    return warning(CODE, 'The contact is being worked on at this moment: try again.');
  try {
    const managed = managedIds(patient);
    await callTools.update(id, { remove_buckets: managed });
    const left = (await callTools.bucketsOf(id)).filter((bucket) => managed.includes(bucket));
    return left.length === 0
      ? null
      : failed(CODE, 'CallTools accepted that the contact leaves its bucket, but it is still in it.');
  } finally {
    await releasePhone(db, settings.GHL_LOCATION_ID, phoneHash, lease.token);
  }
}

function managedIds({ settings, buckets }: Patient): number[] {
  const { buckets: names } = managedNames(settings);
  return buckets.filter((bucket) => names.some((name) => sameName(bucket.name, name))).map(({ id }) => id);
}

async function seeItBack(contactId: string, id: number, patient: Patient): Promise<Check> {
  const { db, events, settings, world, callTools } = patient;
  const sentAt = world.now();
  await events.send(hint(contactId, patient, sentAt));
  while (world.now() < sentAt + BACK_WITHIN_MS) {
    await world.wait(LOOK_EVERY_MS);
    const contact = await readContactState(db, settings.GHL_LOCATION_ID, contactId);
    if (!contact || contact.updatedAt < sentAt) continue;
    if (contact.state === 'failed')
      return failed(CODE, `It left the bucket, but did not come back: ${contact.reason}, ${contact.error}`);
    if (contact.state === 'kept_out')
      return ok(CODE, `It left the bucket; by the rules it is now kept out (${contact.reason}).`);
    const managed = managedIds(patient);
    if ((await callTools.bucketsOf(id)).some((bucket) => managed.includes(bucket)))
      return ok(CODE, 'The contact left its bucket and came back; both were read back.');
  }
  return failed(
    CODE,
    `The contact left its bucket and is not back after ${BACK_WITHIN_MS / 1000} s: GET /contacts/${contactId} says why. The pipeline puts it back as soon as it can.`,
  );
}

function hint(contactId: string, { settings, world }: Patient, receivedAt: number): ContactChanged {
  return {
    ...{ v: 1, kind: 'contact.changed', locationId: settings.GHL_LOCATION_ID, contactId },
    ...{ eventType: 'doctor', source: 'replay', eventId: world.newId(), occurredAt: null, receivedAt, snapshot: null },
  };
}
