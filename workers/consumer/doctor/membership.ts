// Does CallTools carry out a change of buckets? The check takes a contact that the operator names out of its bucket. The pipeline then
// puts it back: by the rules, from a fresh read, under its own lease. So the check never places a contact that is to be kept out.

import type { D1Database, Queue } from '@cloudflare/workers-types';
import { errorText } from '../../../shared/harmless.ts';
import type { ContactChanged, Message } from '../../../shared/messages.ts';
import { MINUTE_MS } from '../../../shared/time.ts';
import type { World } from '../config/env.ts';
import type { Settings } from '../config/settings.ts';
import { managedLabels } from '../domain/decide.ts';
import { mayHaveTakenEffect } from '../domain/failure.ts';
import { sameName } from '../domain/rules/tags.ts';
import { leasePhone, readContactState, releasePhone } from '../store/doctor.ts';
import type { CallTools } from '../vendors/calltools.ts';
import type { Label } from '../vendors/calltools-schema.ts';
import { type Check, failed, ok, skipped, warning } from './check.ts';

/** What the membership check works with. */
export interface MembershipCheck {
  db: D1Database;
  events: Pick<Queue<Message>, 'send'>;
  settings: Settings;
  world: World;
  callTools: CallTools;
  /** All that CallTools has. */
  buckets: Label[];
}

const CODE = 'membership';
/** To take out and read back needs two or three calls of at most 10 s each. */
const LEASE_MS = MINUTE_MS;
/** After the lease is over. */
const LATER_SECONDS = LEASE_MS / 1000 + 5;
const BACK_WITHIN_MS = 25_000;
const LOOK_EVERY_MS = 500;

/** Takes the contact out and sees it come back. Changes nothing unless the contact is placed. Never throws. */
export async function checkMembership(contactId: string, membership: MembershipCheck): Promise<Check> {
  try {
    const { db, events, settings, world } = membership;
    const contact = await readContactState(db, settings.GHL_LOCATION_ID, contactId);
    if (contact?.state !== 'placed' || contact.callToolsId === null || contact.phoneHash === null) {
      const stands = contact ? `is ${contact.state} (${contact.reason})` : 'is not known here';
      return skipped(CODE, `The contact named ${stands}: name one that is placed, best a test contact of your own.`);
    }
    // If somebody else took the contact out, this check must not bring it back.
    const before = await membership.callTools.bucketsOf(contact.callToolsId);
    if (!managedIds(membership).some((id) => before.includes(id))) return skipped(CODE, NOT_IN);
    const lease = { token: world.newId(), now: world.now(), until: world.now() + LEASE_MS };
    if (!(await leasePhone(db, settings.GHL_LOCATION_ID, contact.phoneHash, lease)))
      return warning(CODE, 'The pipeline is working on the contact now: try again in a minute.');
    // Sent before the contact is taken out: if this request dies, the contact still comes back within minutes.
    await events.send(hint(contactId, membership, world.now()), { delaySeconds: LATER_SECONDS });
    const held = { phoneHash: contact.phoneHash, token: lease.token, id: contact.callToolsId };
    const fault = await takeOut(held, membership).catch(errorText);
    // In any case the pipeline looks at the contact now, and decides.
    const askedAt = world.now();
    await events.send(hint(contactId, membership, askedAt));
    return fault === null ? await seeItBack(contactId, held.id, askedAt, membership) : failed(CODE, fault);
  } catch (thrown) {
    return failed(CODE, errorText(thrown));
  }
}

/**
 * What is wrong; null when the contact was seen to be out. The lease is not released where a write got no answer: it runs out, and the
 * pipeline then knows that the write may still take effect.
 */
async function takeOut(
  held: { phoneHash: string; token: string; id: number },
  membership: MembershipCheck,
): Promise<string | null> {
  const { db, settings, callTools } = membership;
  const managed = managedIds(membership);
  let answered = false;
  try {
    const contact = await callTools.update(held.id, { remove_buckets: managed });
    answered = true;
    if (contact === null) return 'CallTools no longer has the contact; the pipeline creates it again.';
    const left = (await callTools.bucketsOf(held.id)).filter((bucket) => managed.includes(bucket));
    return left.length === 0
      ? null
      : 'CallTools accepted that the contact leaves its bucket, but the contact is still in it.';
  } catch (thrown) {
    answered ||= !mayHaveTakenEffect(thrown);
    throw thrown;
  } finally {
    if (answered) await releasePhone(db, settings.GHL_LOCATION_ID, held.phoneHash, held.token);
  }
}

const NOT_IN = 'CallTools does not have the contact in its bucket: somebody took it out. Name another one.';

function managedIds({ settings, buckets }: MembershipCheck): number[] {
  const { buckets: names } = managedLabels(settings.rules);
  return buckets.filter((bucket) => names.some((name) => sameName(bucket.name, name))).map(({ id }) => id);
}

/** Waits until the contact is back. `askedAt`: when the pipeline was asked to look at it, epoch ms. */
async function seeItBack(contactId: string, id: number, askedAt: number, membership: MembershipCheck): Promise<Check> {
  const { db, settings, world, callTools } = membership;
  const managed = managedIds(membership);
  while (world.now() < askedAt + BACK_WITHIN_MS) {
    await world.wait(LOOK_EVERY_MS);
    const contact = await readContactState(db, settings.GHL_LOCATION_ID, contactId);
    if (!contact || contact.updatedAt < askedAt) continue;
    if (contact.state === 'failed')
      return failed(CODE, `It left the bucket, but did not come back: ${contact.reason}, ${contact.error}`);
    if (contact.state === 'kept_out')
      return ok(CODE, `It left the bucket; by the rules it is now kept out (${contact.reason}).`);
    if ((await callTools.bucketsOf(id)).some((bucket) => managed.includes(bucket)))
      return ok(CODE, 'The contact left its bucket and came back; both were read back.');
  }
  const late = `The contact left its bucket and is not back after ${BACK_WITHIN_MS / 1000} s`;
  return failed(CODE, `${late}: GET /contacts/${contactId} says why. The pipeline puts it back as soon as it can.`);
}

function hint(contactId: string, { settings, world }: MembershipCheck, receivedAt: number): ContactChanged {
  return {
    v: 1,
    kind: 'contact.changed',
    locationId: settings.GHL_LOCATION_ID,
    contactId,
    eventType: 'doctor',
    source: 'doctor',
    eventId: world.newId(),
    occurredAt: null,
    receivedAt,
    snapshot: null,
  };
}
