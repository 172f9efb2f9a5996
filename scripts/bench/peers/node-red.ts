// What most teams would click together: receive, verify, answer, and a rate limit before the call to the dialer.

/** Node-RED's settings file. */
export function nodeRedSettings(secret: string): string {
  return `module.exports = {
  flowFile: 'flows.json', logging: { console: { level: 'warn' } }, disableEditor: true, uiHost: '127.0.0.1',
  functionGlobalContext: { crypto: require('node:crypto'), secret: ${JSON.stringify(secret)} },
};`;
}

const VERIFY = `const { createHmac, timingSafeEqual } = global.get('crypto');
const sent = Buffer.from(msg.req.headers['x-ghl-signature'] || '', 'hex');
const body = Buffer.from(msg.payload);
const wanted = createHmac('sha256', global.get('secret')).update(body).digest();
if (sent.length !== wanted.length || !timingSafeEqual(sent, wanted)) { msg.statusCode = 401; return [msg, null]; }
const event = JSON.parse(body.toString());
const job = { method: 'POST', payload: JSON.stringify({ webhookId: event.webhookId }) };
msg.statusCode = 202; msg.payload = { status: 'queued', id: event.webhookId };
return [msg, job];`;

/** Its flow; the vendor is called at GoHighLevel's pace, ten times a second. */
export function nodeRedFlow(vendor: string): string {
  const node = (id: string, type: string, wires: string[][], more: object) => ({ id, type, z: 'flow', wires, ...more });
  return JSON.stringify([
    { id: 'flow', type: 'tab', label: 'webhook' },
    node('in', 'http in', [['verify']], { url: '/webhook/ghl', method: 'post' }),
    node('verify', 'function', [['out'], ['pace']], { func: VERIFY, outputs: 2 }),
    node('out', 'http response', [], {}),
    node('pace', 'delay', [['call']], { pauseType: 'rate', rate: '10', rateUnits: 'second', nbRateUnits: '1' }),
    node('call', 'http request', [[]], { method: 'use', ret: 'txt', url: `${vendor}/api/contacts/` }),
  ]);
}
