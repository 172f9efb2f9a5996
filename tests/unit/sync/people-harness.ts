// People in GoHighLevel whose changes send no webhook of their own: a test says when they are looked at.

import type { BackstopStage } from '../../support/consumer-harness.ts';

export const SILENT = { silent: true };

/** Webhooks about these contacts, and the work that they cause. */
export async function look(stage: BackstopStage, ...ids: string[]): Promise<void> {
  for (const id of ids) stage.hint(id, { receivedAt: stage.clock.at + 10_000 });
  await stage.work();
}

/** A new contact, looked at once. */
export async function person(stage: BackstopStage, id: string, phone: string, tags = ['cold lead']): Promise<void> {
  await stage.ghl.addContact({ id, phone, tags }, SILENT);
  await look(stage, id);
}
