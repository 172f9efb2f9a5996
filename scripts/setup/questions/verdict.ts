// Is a key right? One cheap call to its vendor tells: it takes the key, it refuses it, or it could not be reached.

import { checkCallToolsKey } from '../../../workers/consumer/doctor/calltools.ts';
import type { Check } from '../../../workers/consumer/doctor/check.ts';
import { checkGoHighLevel } from '../../../workers/consumer/doctor/gohighlevel.ts';
import { sendAlert } from '../../../workers/consumer/monitoring/alert-send.ts';
import type { SecretName } from '../secret-names.ts';
import type { SetupContext } from '../step.ts';
import { notAfter, settingsWith } from './vendor-settings.ts';

/** What the vendor made of a key. `says` is a sentence without the key. */
export interface Verdict {
  kind: 'taken' | 'refused' | 'unreached';
  says: string;
}

const TEST = { text: 'Test: alerts of the GoHighLevel to CallTools pipeline arrive here.', alerts: [] };

/** How each secret is tried that somebody else made. */
export const ASK: { [name in SecretName]?: (value: string, context: SetupContext) => Promise<Verdict> } = {
  async GHL_API_KEY(key, context) {
    const settings = await settingsWith({ GHL_API_KEY: key }, context);
    const { checks } = await checkGoHighLevel(settings, context.world, notAfter(context));
    return verdictOf('GoHighLevel', checks, 'ghl-host');
  },

  async CALLTOOLS_API_KEY(key, context) {
    const settings = await settingsWith({ CALLTOOLS_API_KEY: key }, context);
    const checks = await checkCallToolsKey(settings, context.world, notAfter(context));
    return verdictOf('CallTools', checks, 'calltools-host');
  },

  async ALERT_WEBHOOK_URL(url, { world }) {
    const wrong = await sendAlert(url, TEST, world);
    if (wrong === null) return { kind: 'taken', says: 'A test message was sent to it.' };
    const kind = /answered|no URL/.test(wrong) ? 'refused' : 'unreached';
    return { kind, says: kind === 'refused' ? `The test message was refused: ${wrong}.` : `The address: ${wrong}.` };
  },
};

/** A vendor that cannot be reached has said nothing about the key. */
function verdictOf(vendor: string, checks: readonly Check[], host: Check['code']): Verdict {
  const wrong = checks.find(({ status }) => status === 'failed');
  if (wrong?.code === host)
    return { kind: 'unreached', says: sentence(`${vendor} could not be reached: ${wrong.seen}`) };
  if (wrong) return { kind: 'refused', says: sentence(`${vendor} refused it: ${wrong.seen}`) };
  const [first = { seen: '' }] = checks.filter(({ code }) => /token|location/.test(code));
  return { kind: 'taken', says: `${vendor} takes it. ${first.seen}` };
}

/** What a vendor says may have no end of its own. */
function sentence(text: string): string {
  return text.replace(/[.\s]*$/, '.');
}
