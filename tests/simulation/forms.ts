// Odd forms in which the vendors tell what is true all the same: typographic tags, channels under other names, answers that cannot be read
// whole, rows without a cursor, and lists that move while they are paged.

import { json } from '../../sandbox/answers.ts';

/** What is odd in a history. */
export interface Forms {
  /** How `Call` is spelled in dndSettings. */
  channel: string;
  /** One contact's row has no usable cursor, and one row is no contact at all. */
  oddRows: boolean;
  /** A row of each longer list of CallTools is there when its first page is read, and gone before the second. */
  movingLists: boolean;
}

/** How tags are told: in GoHighLevel's answers about one contact and in rows, or in its webhooks. */
export interface OddForm {
  where: 'answer' | 'webhook';
  /** Index of `TAG_FORMS`. */
  form: number;
}

type Shown = Record<string, unknown>;

/** None of these is sure to be a list of all tags. */
export const TAG_FORMS: ((tags: string[]) => unknown)[] = [
  (tags) => tags.map((name) => ({ name })),
  (tags) => [...tags, null],
  (tags) => JSON.stringify(tags),
  (tags) => (tags.length > 1 ? tags.join('\n') : [tags]),
  (tags) => ({ list: tags, removed: ['cold lead'] }),
];

/** A person reads each of them as the same tag. */
const SPELLINGS: ((tag: string) => string)[] = [
  (tag) => tag,
  (tag) => tag.toUpperCase(),
  (tag) => tag.replace(/ /g, '\u00a0').replace(/'/g, '\u2019'),
  (tag) => `${tag.slice(0, 2)}\u00ad${tag.slice(2)}\u200b`,
  (tag) => tag.replace(/[a-z]/g, (letter) => String.fromCodePoint((letter.codePointAt(0) ?? 0) + 0xfee0)),
  (tag) => tag.replace(/'/g, '\u02bc').replace(/:/g, ' : '),
];

const PASSING_ID = 1;
/** A list that was read so long ago may move again. */
const REST_MS = 20_000;

export function createForms(forms: Forms | null, now: () => number) {
  const odd = new Map<string, OddForm>();
  let oddCursor: unknown;

  function tagsOf(tags: string[], id: string, where: OddForm['where']): unknown {
    const spelled = tags.map((tag, index) => SPELLINGS[(id.charCodeAt(0) + index) % SPELLINGS.length]?.(tag) ?? tag);
    const form = odd.get(id);
    return form?.where === where ? TAG_FORMS[form.form]?.(spelled) : spelled;
  }

  return {
    /** Webhooks about these contacts have an odd form from now on. */
    odd,

    reshape(shown: Shown, where: 'detail' | 'search' | 'webhook'): Shown {
      if (forms === null) return shown;
      const { Call, ...channels } = (shown.dndSettings ?? {}) as Shown;
      const dndSettings = Call === undefined ? channels : { ...channels, [forms.channel]: Call };
      const tags = tagsOf(shown.tags as string[], String(shown.id), where === 'webhook' ? 'webhook' : 'answer');
      return { ...shown, tags, ...('dndSettings' in shown && { dndSettings }) };
    },

    reshapePage(page: { contacts: Shown[]; total: number }, first: boolean): object {
      if (!forms?.oddRows) return page;
      if (page.contacts.length > 1) oddCursor ??= page.contacts.at(-1)?.id;
      const contacts: unknown[] = page.contacts.map((row) =>
        row.id === oddCursor ? { ...row, searchAfter: [null, row.id] } : row,
      );
      return { ...page, contacts: first ? [{ id: null }, ...contacts] : contacts, total: page.total + 1 };
    },

    /** CallTools, whose longer lists move. */
    moving(handle: Handle): Handle {
      if (!forms?.movingLists) return handle;
      const readAt = new Map<string, number>();
      return async (request) => {
        const answer = await handle(request);
        const { pathname, searchParams } = new URL(request.url);
        if (request.method !== 'GET' || answer.status !== 200 || searchParams.has('page')) return answer;
        const key = `${pathname} ${searchParams.get('buckets__id')}`;
        const fresh = now() - (readAt.get(key) ?? -REST_MS) >= REST_MS;
        readAt.set(key, now());
        const page = (await answer.clone().json()) as { count?: number; next?: unknown; results?: unknown[] };
        if (!fresh || !page.next || page.count === undefined || !page.results) return answer;
        const bucket = Number(searchParams.get('buckets__id'));
        const passing = {
          id: PASSING_ID,
          name: 'Passing',
          buckets: [bucket],
          tags: [],
          _phone_numbers: ['+13055559999'],
        };
        return json(200, { ...page, count: page.count + 1, results: [passing, ...page.results.slice(0, -1)] });
      };
    },
  };
}

export type Handle = (request: Request) => Promise<Response>;
