// CallTools' buckets and tags: their lists, one by its id, and a new one (docs/vendors.md, CallTools: buckets and tags).

import * as v from 'valibot';
import { VendorError } from '../domain/failure.ts';
import type { Request } from './call.ts';
import { meaningOf, read } from './calltools-errors.ts';
import { LIST, listOf, PAGE_SIZE } from './calltools-lists.ts';
import { Label, labelWithId } from './calltools-schema.ts';
import type { Http } from './http.ts';

/** What a contact can be in or have. */
export type LabelKind = 'bucket' | 'tag';
const LABEL_PATH = { bucket: '/buckets/', tag: '/alltags/' } as const;

/** CallTools' buckets and tags themselves. Every call throws VendorError. */
export interface LabelCalls {
  labels(kind: LabelKind): Promise<Label[]>;
  /**
   * The label of this id. `gone`: CallTools says that it has none. `unsaid`: it refuses to say, or its answer cannot be used
   * (docs/vendors.md, CallTools: buckets and tags).
   */
  label(kind: LabelKind, id: number): Promise<Label | 'gone' | 'unsaid'>;
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
      const call: Request = { method: 'GET', path: `${LABEL_PATH[kind]}${id}/`, about: 'record', optional: true };
      try {
        const answer = await http.call({ ...call, shape: labelWithId(id) });
        if (answer.ok) return answer.data;
        return answer.status === 404 && meaningOf(call, answer) === 'answer' ? 'gone' : 'unsaid';
      } catch (thrown) {
        if (thrown instanceof VendorError && thrown.failure.kind === 'transient') return 'unsaid';
        throw thrown;
      }
    },

    async createLabel(kind, name) {
      const path = LABEL_PATH[kind];
      return read(await http.call({ method: 'POST', path, about: 'record', body: { name }, shape: Label }));
    },
  };
}
