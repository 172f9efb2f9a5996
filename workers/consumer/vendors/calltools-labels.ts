// CallTools' buckets and tags: their lists, one by its id, and a new one (docs/vendors.md, CallTools: buckets and tags).

import * as v from 'valibot';
import { read } from './calltools-errors.ts';
import { LIST, listOf, PAGE_SIZE } from './calltools-lists.ts';
import { Label } from './calltools-schema.ts';
import type { Http } from './http.ts';

/** What a contact can be in or have. */
export type LabelKind = 'bucket' | 'tag';
const LABEL_PATH = { bucket: '/buckets/', tag: '/alltags/' } as const;

/** CallTools' buckets and tags themselves. Every call throws VendorError. */
export interface LabelCalls {
  labels(kind: LabelKind): Promise<Label[]>;
  /** The label of this id; null where CallTools does not show one (docs/vendors.md, CallTools: buckets and tags). */
  label(kind: LabelKind, id: number): Promise<Label | null>;
  createLabel(kind: LabelKind, name: string): Promise<Label>;
}

/** The calls for buckets and tags of one client. */
export function labelCalls(http: Http): LabelCalls {
  return {
    async labels(kind) {
      const found: Label[] = [];
      for await (const row of listOf(http, LABEL_PATH[kind], LIST, `?page_size=${PAGE_SIZE}`)) {
        const label = v.safeParse(Label, row);
        if (label.success) found.push(label.output);
      }
      return found;
    },

    async label(kind, id) {
      const path = `${LABEL_PATH[kind]}${id}/`;
      const answer = await http.call({ method: 'GET', path, about: 'record', shape: v.unknown(), optional: true });
      const label = v.safeParse(Label, answer.ok ? answer.data : null);
      return label.success && label.output.id === id ? label.output : null;
    },

    async createLabel(kind, name) {
      const path = LABEL_PATH[kind];
      return read(await http.call({ method: 'POST', path, about: 'record', body: { name }, shape: Label }));
    },
  };
}
