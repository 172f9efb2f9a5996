// Tests of ingest and shared that need no SQLite and no files: they run in Node and, as the project `runtime`, in workerd. The two differ,
// in Web Crypto above all: workerd throws where Node says false, and takes keys that Node refuses.

/** Names of files in tests/unit. */
export const IN_WORKERD = [
  ...['signature', 'signature-keys', 'hostile-bodies', 'hostile-operators', 'hostile-signatures'],
  ...['ingest-age', 'ingest-answers', 'ingest-bodies', 'ingest-locations', 'ingest-tally'],
  ...['webhook-forms', 'webhook-properties', 'rules', 'typography', 'dnd', 'log', 'harmless', 'locations'],
];

/** They look into the outbox, which the stage keeps in SQLite. */
export const NOT_IN_WORKERD = ['ingest-acknowledge', 'ingest-queue-trouble'];
