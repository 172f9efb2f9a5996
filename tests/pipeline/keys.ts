// The location and the secrets that the tests of the whole pipeline use.

export const LOCATION = 've9EPM428h8vShlRW1KT';

export const SECRET = 'a secret shared with the sender';

export const WORKFLOW_TOKEN = 'token-of-the-workflow';

export const ADMIN_TOKEN = 'token-of-the-operator';

export const GHL_API_KEY = 'pit-pipeline-test';

export const CALLTOOLS_API_KEY = 'calltools-pipeline-test';
