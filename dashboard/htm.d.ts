// The same for htm.
export { default } from 'htm';
