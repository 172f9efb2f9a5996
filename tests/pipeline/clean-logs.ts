// What no log line may hold. Tests use only these names, numbers of one exchange and addresses of one domain.

import { ADMIN_TOKEN, CALLTOOLS_API_KEY, GHL_API_KEY, SECRET, WORKFLOW_TOKEN } from './keys.ts';

const NAMES = ['Dana', 'Daniela', 'Alex', 'Reyes'];
const FORBIDDEN = [/305\D{0,3}555\D?\d{4}/, /example\.com/i, new RegExp(`\\b(?:${NAMES.join('|')})\\b`, 'i')];
const SECRETS = [SECRET, WORKFLOW_TOKEN, ADMIN_TOKEN, GHL_API_KEY, CALLTOOLS_API_KEY];

/** The lines that hold personal data or a secret. */
export function leaksIn(lines: readonly string[]): string[] {
  return lines.filter(
    (line) => FORBIDDEN.some((pattern) => pattern.test(line)) || SECRETS.some((secret) => line.includes(secret)),
  );
}
