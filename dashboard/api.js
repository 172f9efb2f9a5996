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

/** @typedef {Record<string, string | number | null | undefined>} Query null, undefined and empty values are left out */

/**
 * The data of the answer. Throws a Refused if the token is wrong, otherwise an Error with a message for the person.
 *
 * @param {string} path
 * @param {Query} [query]
 * @param {AbortSignal} [signal]
 */
export async function ask(path, query, signal) {
  return (await askWhole(path, query, signal)).data;
}

/**
 * The whole answer, of a list also with `next` and what stands beside it. Throws as `ask` does.
 *
 * @param {string} path
 * @param {Query} [query]
 * @param {AbortSignal} [signal]
 */
export async function askWhole(path, query, signal) {
  return readJson(await call('GET', path, { query, signal }));
}

/**
 * Sends an action, or a question with a body. Throws as `ask` does.
 *
 * @param {string} path
 * @param {object} [body]
 * @param {Query} [query]
 */
export async function send(path, body, query) {
  return (await sendWhole(path, body, query)).data;
}

/**
 * The whole answer to `send`.
 *
 * @param {string} path
 * @param {object} [body]
 * @param {Query} [query]
 */
export async function sendWhole(path, body, query) {
  return readJson(await call('POST', path, { query, body }));
}

/**
 * The answer itself, for one that is no JSON document: a file, or lines. It is awaited without a limit. Throws as `ask` does.
 *
 * @param {'GET' | 'POST'} method
 * @param {string} path
 * @param {{ query?: Query, body?: object }} [parts]
 */
export async function askStream(method, path, parts = {}) {
  const response = await call(method, path, { ...parts, signal: new AbortController().signal });
  if (!response.ok) await readJson(response);
  return response;
}

/**
 * @param {'GET' | 'POST'} method
 * @param {string} path
 * @param {{ query?: Query | undefined, body?: object | undefined, signal?: AbortSignal | undefined }} parts
 */
async function call(method, path, { query = {}, body, signal = AbortSignal.timeout(TIMEOUT_MS) }) {
  const headers = headersWith(storedToken() ?? '');
  const text = body === undefined ? null : JSON.stringify(body);
  const response = await fetch(withQuery(path, query), {
    method,
    headers,
    cache: 'no-store',
    signal,
    body: text,
  }).catch((/** @type {unknown} */ error) => {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new Error('The pipeline does not answer.');
  });
  if (response.status === 401) throw new Refused('This token is not accepted.');
  return response;
}

/** @param {Response} response */
async function readJson(response) {
  const json = await response.json().catch(() => null);
  if (!response.ok || json === null) throw new Error(json?.detail ?? `The answer was ${response.status}.`);
  return json;
}

/**
 * The path with these parameters.
 *
 * @param {string} path
 * @param {Query} query
 */
export function withQuery(path, query) {
  const given = Object.entries(query).flatMap(([name, value]) => ((value ?? '') === '' ? [] : [[name, String(value)]]));
  const search = new URLSearchParams(given).toString();
  return search === '' ? path : `${path}?${search}`;
}

/** A token that no header can hold is wrong. @param {string} token */
function headersWith(token) {
  try {
    return new Headers({ authorization: `Bearer ${token}`, accept: 'application/json' });
  } catch {
    throw new Refused('This token is not accepted.');
  }
}

/** What went wrong, as a sentence. @param {unknown} error */
export function says(error) {
  return error instanceof Error ? error.message : String(error);
}
