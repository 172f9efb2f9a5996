// GoHighLevel's error bodies; `message` is a text or a list of texts (docs/vendors.md, GoHighLevel: errors).

import { json } from '../answers.ts';

const NAMES: Record<number, string> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  422: 'Unprocessable Entity',
};

/** An error answer in GoHighLevel’s form. */
export function refusal(status: number, message: string | string[], traceId: string): Response {
  return json(status, { statusCode: status, message, error: NAMES[status], traceId });
}
