// Texts with many digits that are nobody's number: dates, times, addresses of machines, trace ids.

const MONTH =
  '(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sep(?:t|tember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)';
const DAY = '(?:mon(?:day)?|tue(?:sday)?|wed(?:nesday)?|thu(?:rsday)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?)';

/** Source of a regular expression for one of them. The user adds what may stand around it. */
export const MACHINE_MADE = [
  String.raw`\d{4}[-/]\d\d[-/]\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?(?: ?(?:Z|[+-]\d\d:?\d\d))?)?`,
  String.raw`\d{1,2}\/\d{1,2}\/\d{4}`,
  // Only since 2020: a birthday is older.
  `(?:${DAY},? )?(?:\\d{1,2}[ -]${MONTH}|${MONTH} \\d{1,2},?)[ -]20[2-9]\\d`,
  String.raw`\d{1,2}:\d\d(?::\d\d(?:\.\d{1,9})?)?`,
  String.raw`\d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5})?`,
  '[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}',
  String.raw`(?=[0-9a-f:]*\d)(?:[0-9a-fA-F]{1,4}:){2,7}:?[0-9a-fA-F]{1,4}(?::[0-9a-fA-F]{1,4})*`,
  // Trace ids as tracers, Cloudflare, Amazon and Akamai make them, and ULIDs.
  String.raw`(?=[0-9]*[a-fA-F])(?=[a-fA-F]*\d)[0-9a-fA-F]{16,64}(?:-[A-Z]{3})?`,
  '1-[0-9a-f]{8}-[0-9a-f]{24}',
  String.raw`\d{1,2}\.[0-9a-f]{6,8}\.\d{10}\.[0-9a-f]{6,8}`,
  String.raw`(?=[0-9]*[a-z])(?=[a-z]*\d)[0-7][0-9a-hjkmnp-tv-z]{25}`,
  String.raw`v\d{1,3}(?:\.\d{1,4}){0,3}`,
].join('|');
