// preact is loaded from a file of its own beside the dashboard's.
export * from 'preact';
