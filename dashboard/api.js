// The operator's API as the dashboard uses it. The token is kept for this tab only and is sent in a header only.

const KEY = 'operator-token';
/** A request that takes longer is given up. */
const TIMEOUT_MS = 15_000;

/** The token is wrong, or no longer valid. */
export class Refused extends Error {}

/** Null when nobody is logged in. */
export function storedToken() {
  return sessionStorage.getItem(KEY);
}

/** @param {string | null} token null logs out */
export function storeToken(token) {
  if (token === null) sessionStorage.removeItem(KEY);
  else sessionStorage.setItem(KEY, token);
}

/**
 * The data of the answer. Throws a Refused if the token is wrong, otherwise an Error with a message for the person.
 *
 * @param {string} path
 * @param {Record<string, string | null>} query null values are left out
 */
export function ask(path, query = {}) {
  return call('GET', path, query);
}

/**
 * @param {string} path
 * @param {Record<string, string | null>} query
 * @param {object} [body]
 */
export function send(path, query, body) {
  return call('POST', path, query, body);
}

/**
 * @param {'GET' | 'POST'} method
 * @param {string} path
 * @param {Record<string, string | null>} query
 * @param {object} [body]
 */
async function call(method, path, query, body) {
  const given = Object.entries(query).flatMap(([name, value]) => (value === null ? [] : [[name, value]]));
  const search = new URLSearchParams(given).toString();
  const headers = headersWith(storedToken() ?? '');
  const response = await fetch(search === '' ? path : `${path}?${search}`, {
    method,
    headers,
    cache: 'no-store',
    signal: AbortSignal.timeout(TIMEOUT_MS),
    body: body ? JSON.stringify(body) : null,
  }).catch(() => {
    throw new Error('The pipeline does not answer.');
  });
  const json = await response.json().catch(() => null);
  if (response.status === 401) throw new Refused();
  if (!response.ok || json === null) throw new Error(json?.detail ?? `The answer was ${response.status}.`);
  return json.data;
}

/** A token that no header can hold is wrong. @param {string} token */
function headersWith(token) {
  try {
    return new Headers({ authorization: `Bearer ${token}` });
  } catch {
    throw new Refused();
  }
}
