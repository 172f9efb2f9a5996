// What the API answers, by the types of the worker that makes the answers. Types only: a browser never sees this file.

import type { viewContact } from '../workers/consumer/operator/contact-view.ts';
import type { viewDeadLetters } from '../workers/consumer/operator/dead-letter-view.ts';
import type { viewHistory } from '../workers/consumer/operator/history-view.ts';
import type { viewOverview } from '../workers/consumer/operator/overview-view.ts';

export type Overview = ReturnType<typeof viewOverview>;
export type Run = Overview['runs'][number];
export type History = ReturnType<typeof viewHistory>;
export type Span = History['hours'][number];
export type Letters = ReturnType<typeof viewDeadLetters>;
export type Letter = Letters['dead_letters'][number];
export type Story = ReturnType<typeof viewContact>;
