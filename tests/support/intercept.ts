// A vendor of a stage, with a test between it and the workers.

interface Vendor {
  handle(request: Request): Promise<Response>;
}

/** From now on `meet` sees each request first; what it returns is the answer, undefined lets the vendor answer. */
export function intercept(
  vendor: Vendor,
  meet: (request: Request, handle: Vendor['handle']) => Promise<Response | undefined> | Response | undefined,
): void {
  const { handle } = vendor;
  vendor.handle = async (request) => (await meet(request.clone(), handle)) ?? handle(request);
}

/** True for the write that creates a CallTools contact. */
export function isPost({ method, url }: Request): boolean {
  return method === 'POST' && new URL(url).pathname === '/api/contacts/';
}
