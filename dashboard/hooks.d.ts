// The same for preact's hooks.
export * from 'preact/hooks';
