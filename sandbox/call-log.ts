// Every call that reached a vendor, so that a test can prove that no call was made.

/** One call to a vendor. */
export interface Call {
  method: string;
  /** Without the server's base path: `/api/contacts/`, `/contacts/search`. */
  path: string;
  /** As sent, with its `?`; empty when there was none. */
  query: string;
  /** What the caller saw; 0 where no answer reached it (yet). */
  status: number;
  /** Epoch ms of arrival. */
  at: number;
  /** Kind of the planned fault that met this call. */
  fault?: string;
}

/** Which calls are meant; what is absent does not narrow. */
export interface CallFilter {
  method?: string;
  /** A text matches as a prefix. */
  path?: string | RegExp;
  status?: number;
}

/** The calls so far. */
export interface CallLog {
  list(filter?: CallFilter): Call[];
  count(filter?: CallFilter): number;
  clear(): void;
  /** Notes an arrival; the returned entry's status is set when it is answered. */
  begin(call: Omit<Call, 'status'>): Call;
}

/** True when a call (or a request about to become one) is what the filter describes. */
export function matches(call: { method: string; path: string; status?: number }, filter: CallFilter = {}): boolean {
  if (filter.method !== undefined && filter.method.toUpperCase() !== call.method) return false;
  if (filter.status !== undefined && filter.status !== call.status) return false;
  if (filter.path instanceof RegExp) return call.path.search(filter.path) >= 0;
  return filter.path === undefined || call.path.startsWith(filter.path);
}

/** An empty log. */
export function createCallLog(): CallLog {
  let calls: Call[] = [];
  const list = (filter?: CallFilter) => calls.filter((call) => matches(call, filter));
  return {
    list,
    count: (filter) => list(filter).length,
    clear: () => {
      calls = [];
    },
    begin(call) {
      const entry = { ...call, status: 0 };
      calls.push(entry);
      return entry;
    },
  };
}
