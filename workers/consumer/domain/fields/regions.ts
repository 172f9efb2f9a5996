// States and countries as dialers expect them. What is not recognised stays as it is: a wrong state means calls at the wrong hour.

import { getCountries } from 'libphonenumber-js/min';

/** States, the federal district, territories and armed forces of the United States Postal Service. */
const UNITED_STATES =
  table(`AL alabama;AK alaska;AZ arizona;AR arkansas;CA california;CO colorado;CT connecticut;DE delaware;
  FL florida;GA georgia;HI hawaii;ID idaho;IL illinois;IN indiana;IA iowa;KS kansas;KY kentucky;LA louisiana;ME maine;MD maryland;
  MA massachusetts;MI michigan;MN minnesota;MS mississippi;MO missouri;MT montana;NE nebraska;NV nevada;NH new hampshire;
  NJ new jersey;NM new mexico;NY new york,new york state;NC north carolina;ND north dakota;OH ohio;OK oklahoma;OR oregon;
  PA pennsylvania;RI rhode island;SC south carolina;SD south dakota;TN tennessee;TX texas;UT utah;VT vermont;VA virginia;
  WA washington,washington state;WV west virginia;WI wisconsin;WY wyoming;DC district of columbia,washington dc;
  AS american samoa;GU guam;MP northern mariana islands,northern marianas;PR puerto rico;
  VI us virgin islands,united states virgin islands;FM federated states of micronesia,micronesia;MH marshall islands;PW palau;
  AA armed forces americas,armed forces the americas;AE armed forces europe,armed forces africa,armed forces canada,armed forces middle east;
  AP armed forces pacific`);
/** Provinces and territories of Canada Post, also by their French names. */
const CANADA =
  table(`AB alberta;BC british columbia,colombie britannique;MB manitoba;NB new brunswick,nouveau brunswick;
  NL newfoundland and labrador,newfoundland,labrador,terre neuve et labrador;NS nova scotia,nouvelle ecosse;
  NT northwest territories,nwt,territoires du nord ouest;NU nunavut;ON ontario;
  PE prince edward island,pei,ile du prince edouard;QC quebec,pq;SK saskatchewan;YT yukon,yukon territory`);
/** No name and no code is in both. */
const NORTH_AMERICA = new Map([...UNITED_STATES, ...CANADA]);
/** Every name and code that `stateOf` knows, in small letters. */
export const STATE_NAMES: readonly string[] = [...NORTH_AMERICA.keys()];
/** Countries whose addresses have a state of the table. Territories of the United States have country codes of their own. */
const STATES_OF: Readonly<Record<string, ReadonlyMap<string, string>>> = {
  ...Object.fromEntries(['US', 'PR', 'GU', 'VI', 'AS', 'MP', 'UM'].map((country) => [country, UNITED_STATES])),
  CA: CANADA,
};

function table(rows: string): ReadonlyMap<string, string> {
  return new Map(
    rows.split(';').flatMap((row) => {
      const [code = '', names = ''] = row.trim().split(/ (.*)/s);
      return [code.toLowerCase(), ...names.split(',')].map((name): [string, string] => [name.trim(), code]);
    }),
  );
}

/**
 * The state of an address in two letters, if it is one of the United States or Canada: by name or code, in any case, with or without dots
 * and accents. `country` is the contact's; where it is empty or cannot be read, the state alone must do. Any other text is returned as it is.
 */
export function stateOf(text: string, country: string | null): string {
  return knownState(text, country) ?? text;
}

/** The same; null where the text is no such state. */
export function knownState(text: string, country: string | null): string | null {
  const code = country === null ? null : countryCode(country);
  const states = code === null ? NORTH_AMERICA : STATES_OF[code];
  // ISO 3166-2 puts the country before the code: US-TX.
  const name = plain(text).replace(/^(?:us|ca) (?=\w\w$)/, '');
  return states?.get(name) ?? null;
}

/** Whether an address of this country may have one of the states that `stateOf` knows. Where the country is not known, it may. */
export function mayHaveState(country: string | null): boolean {
  const code = country === null ? null : countryCode(country);
  return code === null || STATES_OF[code] !== undefined;
}

/** Whether the text is a country, in a spelling that is known. */
export function isCountry(text: string): boolean {
  return countryCode(text) !== null;
}

/** The country by its two-letter code (`iso2`), or its English name (`name`). A text that is no country is returned as it is. */
export function countryOf(text: string, form: 'iso2' | 'name'): string {
  const code = countryCode(text);
  if (code === null) return text;
  return form === 'iso2' ? code : (englishNames().of(code) ?? code);
}

/** Spellings that the Unicode names do not have. */
const OTHER_NAMES = new Map(
  `US usa,united states of america,america,the united states;GB uk,gbr,great britain,britain,england,scotland,wales,northern ireland;
  CA can;MX mex;AU aus;AE uae;NL holland,the netherlands;CZ czech republic;TR turkey;KR korea,republic of korea;RU russian federation;
  VN viet nam;CI ivory coast;HK hong kong;MO macao,macau;MK macedonia;SZ swaziland;MM myanmar,burma;CV cabo verde;TL east timor;
  VI united states virgin islands;BS the bahamas;GM the gambia;PH the philippines;CG congo;CD dr congo`
    .split(';')
    .flatMap((row) => {
      const [code = '', names = ''] = row.trim().split(/ (.*)/s);
      return names.split(',').map((name): [string, string] => [name, code]);
    }),
);

/** Built with the first country that is asked about, and the same ever after. */
let known: { names: Intl.DisplayNames; codes: ReadonlyMap<string, string> } | null = null;

function countries() {
  if (known !== null) return known;
  const names = new Intl.DisplayNames(['en'], { type: 'region' });
  const rows = getCountries().flatMap((code): [string, string][] => [
    [code.toLowerCase(), code],
    [plain(names.of(code) ?? code), code],
  ]);
  known = { names, codes: new Map([...OTHER_NAMES, ...rows]) };
  return known;
}

const englishNames = () => countries().names;

/** Two capitals, or null where the text is no country. */
function countryCode(text: string): string | null {
  return countries().codes.get(plain(text)) ?? null;
}

/** Without case, accents and dots; other punctuation separates words. */
function plain(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/[\p{M}.]+/gu, '')
    .toLowerCase()
    .replaceAll('&', ' and ')
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}
