// Odd rows of the contact list: they are counted, their contacts are read, and neither ends a run or makes it call itself complete.

import { describe, expect, test } from 'vitest';
import { type BackstopStage, backstopStage, events, phoneOf } from '../../support/consumer-harness.ts';

type Row = Record<string, unknown>;
interface Page {
  contacts: unknown[];
  total?: unknown;
}

const PAGE = { env: { BACKSTOP_PAGE_SIZE: '3' } };

/** GoHighLevel's own pages, changed so. */
function changePages(stage: BackstopStage, change: (page: Page, asked: Row) => void): void {
  stage.hooks.search = async (request) => {
    const asked = (await request.clone().json()) as Row;
    const page = (await (await stage.ghl.handle(request)).json()) as Page;
    change(page, asked);
    return Response.json(page);
  };
}

const rowsOf = ({ contacts }: Page) => contacts as Row[];

describe('a row without a cursor', () => {
  test.each([
    ['with a total', true],
    ['without a total', false],
  ])('at the end of a page does not end the list (%s)', async (_, withTotal) => {
    const stage = backstopStage(PAGE);
    const ids = await stage.leads(8);
    changePages(stage, (page) => {
      for (const row of rowsOf(page)) if (row.id === ids[2] || row.id === ids[5]) row.searchAfter = [null, row.id];
      if (!withTotal) delete page.total;
    });
    expect(await stage.night()).toMatchObject({ state: 'complete', seen: 8, queued: 8, unreadable: 0 });
    expect(stage.dialed()).toHaveLength(8);
  });

  test('that is the last of all ends it, seen once', async () => {
    const stage = backstopStage(PAGE);
    const ids = await stage.leads(4);
    changePages(stage, (page) => {
      for (const row of rowsOf(page)) if (row.id === ids[3]) row.searchAfter = [null, row.id];
      delete page.total;
    });
    expect(await stage.night()).toMatchObject({ state: 'complete', seen: 4, queued: 4 });
  });

  test('in a whole page of them ends the run, but not as a complete one', async () => {
    const stage = backstopStage(PAGE);
    await stage.leads(8);
    await stage.night();
    for (const total of [undefined, 8, 10_000, 0, -5, '3', 3]) {
      changePages(stage, (page, { searchAfter }) => {
        if (searchAfter !== undefined) for (const row of rowsOf(page)) row.searchAfter = [null, row.id];
        page.total = total;
      });
      const run = await stage.night();
      expect(run, String(total)).toMatchObject({ state: 'incomplete', vanished: 0, seen: 6 });
      expect(run.error).toBe('no row of page 1 says where the list goes on; no deletion is inferred');
    }
  });

  test('which is known to the delivery that ends the run, where the one that saw the page has died', async () => {
    const stage = backstopStage(PAGE);
    await stage.leads(6);
    changePages(stage, (page) => {
      for (const row of rowsOf(page)) delete row.searchAfter;
      delete page.total;
    });
    await stage.night();
    const [{ error } = {}] = stage.sqlite.rows('SELECT error FROM runs');
    // As it stood before its end.
    const before = String(error).replace('; no deletion is inferred', '');
    stage.sqlite.rows(`UPDATE runs SET state = 'running', finished_at = NULL, settled_at = NULL, error = ?1`, before);
    stage.clock.at += 120_000;
    await stage.minute();
    await stage.work();
    expect(await stage.run()).toMatchObject({ state: 'incomplete', seen: 3, vanished: 0, error });
  });
});

describe('a row that cannot be read', () => {
  test.each([[null], ['x'], [[]], [{ id: 7 }], [{ id: null, searchAfter: {} }]])(
    'and has no id (%j) is counted, and costs nobody else',
    async (row) => {
      const stage = backstopStage(PAGE);
      const ids = await stage.leads(5);
      changePages(stage, (page) => {
        page.contacts = rowsOf(page).map((one) => (one.id === ids[2] ? row : one));
      });
      expect(await stage.night()).toMatchObject({ seen: 5, unreadable: 1, queued: 4, state: 'complete' });
      expect(stage.dialed()).toHaveLength(4);
      expect(events(stage, 'backstop.complete')).toMatchObject([{ unreadable: 1 }]);
      expect(await stage.ask('GET', '/sync/runs')).toMatchObject({ runs: [{ unreadable: 1 }] });
    },
  );

  test.each([
    ['tags as objects', { tags: [{ name: 'x' }] }],
    ['a null tag', { tags: [null] }],
    ['a phone of another type', { phone: {} }],
    ['a deletion in doubt', { deleted: 'perhaps' }],
    ['next to nothing', { tags: 'a;b', phone: 7, email: [], dnd: 'maybe' }],
  ])('with %s is counted, and its contact is read', async (_, changes) => {
    const stage = backstopStage(PAGE);
    const ids = await stage.leads(5);
    changePages(stage, (page) => {
      for (const row of rowsOf(page)) if (row.id === ids[2]) Object.assign(row, changes);
    });
    expect(await stage.night()).toMatchObject({ seen: 5, unreadable: 1, queued: 5, state: 'complete' });
    expect(stage.dialed()).toHaveLength(5);
    // Settled or not, the row says nothing: it is read again.
    stage.ghl.calls.clear();
    expect(await stage.night()).toMatchObject({ unreadable: 1, queued: 1 });
    expect(stage.ghl.calls.count({ path: `/contacts/${ids[2]}` })).toBe(1);
  });

  test.each([
    ['do-not-disturb settings', (deep: unknown) => ({ dndSettings: { SMS: deep } })],
    ['tags', (deep: unknown) => ({ tags: [deep] })],
    ['tags by name', (deep: unknown) => ({ tags: [{ vip: deep }] })],
    ['a phone', (deep: unknown) => ({ phone: deep })],
    ['a deletion', (deep: unknown) => ({ deleted: deep })],
  ])('with %s nested thousands of levels deep stops nobody else', async (_, changes) => {
    const stage = backstopStage(PAGE);
    const ids = await stage.leads(5);
    // JSON.stringify cannot write what JSON.parse reads at such a depth.
    const deep = '['.repeat(20_000) + ']'.repeat(20_000);
    stage.hooks.search = async (request) => {
      const page = (await (await stage.ghl.handle(request)).json()) as Page;
      for (const row of rowsOf(page)) if (row.id === ids[2]) Object.assign(row, changes('DEEP'));
      return new Response(JSON.stringify(page).replace('"DEEP"', deep), {
        headers: { 'content-type': 'application/json' },
      });
    };
    expect(await stage.night()).toMatchObject({ state: 'complete', seen: 5, unreadable: 1, queued: 5 });
    expect(stage.dialed()).toHaveLength(5);
    stage.ghl.calls.clear();
    expect(await stage.night()).toMatchObject({ state: 'complete', unreadable: 1, queued: 1 });
    expect(stage.ghl.calls.count({ path: `/contacts/${ids[2]}` })).toBe(1);
  });

  test('a contact that was taken from the list by such a row is not taken for deleted', async () => {
    const stage = backstopStage(PAGE);
    const ids = await stage.leads(5);
    await stage.night();
    changePages(stage, (page) => {
      page.contacts = rowsOf(page).map((row) => (row.id === ids[4] ? { searchAfter: row.searchAfter } : row));
    });
    expect(await stage.night()).toMatchObject({ state: 'complete', seen: 5, vanished: 1 });
    expect(stage.dialed()).toContain(phoneOf(4));
  });
});

test('pages that go round in a circle end, also where they bring hardly anything', async () => {
  const stage = backstopStage(PAGE);
  await stage.leads(3);
  let turns = 0;
  changePages(stage, (page) => {
    page.contacts = rowsOf(page).slice(0, 1);
    for (const row of rowsOf(page)) row.searchAfter = [turns++ % 2, 'x'];
    page.total = 3;
  });
  stage.hooks.search = round(stage.hooks.search);
  const run = await stage.night();
  expect(run).toMatchObject({ state: 'incomplete', error: expect.stringContaining('do not end') });

  /** Whatever is asked for, the first page is what comes. */
  function round(search: typeof stage.hooks.search): typeof stage.hooks.search {
    return async (request) => {
      const { searchAfter: _, ...body } = (await request.json()) as Row;
      return search(new Request(request.url, { method: 'POST', headers: request.headers, body: JSON.stringify(body) }));
    };
  }
});
