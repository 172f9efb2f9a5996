// Texts with many digits that belong to nobody.

/** Source of a regular expression: a date, a time, an address of a machine, a trace id. What stands around it is for the user to say. */
export const MACHINE_MADE = [
  String.raw`\d{4}[-/]\d\d[-/]\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?(?: ?(?:Z|[+-]\d\d:?\d\d))?)?`,
  String.raw`\d{1,2}\/\d{1,2}\/\d{4}`,
  String.raw`\d{1,2}:\d\d(?::\d\d(?:\.\d{1,9})?)?`,
  String.raw`\d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5})?`,
  '[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}',
  String.raw`(?=[0-9a-f:]*\d)(?:[0-9a-fA-F]{1,4}:){2,7}:?[0-9a-fA-F]{1,4}(?::[0-9a-fA-F]{1,4})*`,
  String.raw`(?=[0-9]*[a-fA-F])(?=[a-fA-F]*\d)(?:[0-9a-fA-F]{32}|[0-9a-fA-F]{16})`,
].join('|');
