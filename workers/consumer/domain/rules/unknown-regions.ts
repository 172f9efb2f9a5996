// States and countries in the rules that nobody knows: mostly misspelled ones, which match nobody, so that "not" lets everybody through. Pure.

import { isCountry, knownState, mayHaveState, STATE_NAMES } from '../fields/regions.ts';
import { didYouMean } from '../nearest.ts';
import type { PlainConditions, Rules, Test } from './conditions.ts';

/**
 * A sentence for each state and country of the rules that is not known, without a capital and a full stop. States of countries other than
 * the United States and Canada are not known here, so these are said to be so only where the conditions beside them do not name such a country.
 */
export function unknownRegions({ routes, require }: Rules): string[] {
  const places = [
    ...routes.map((route) => ({ where: `route "${route.name}"`, conditions: route })),
    ...(require ? [{ where: '"require"', conditions: require }] : []),
  ];
  return places.flatMap(({ where, conditions }) =>
    [
      ...unknownIn(conditions, conditions),
      ...unknownIn(conditions.not ?? {}, { ...conditions, ...conditions.not }),
    ].map((what) => `${where} asks for ${what}`),
  );
}

/** `beside`: what says of which country a state is. */
function unknownIn({ state, country }: PlainConditions, beside: PlainConditions): string[] {
  const isElsewhere = listed(beside.country).some((one) => !mayHaveState(one));
  const states = isElsewhere ? [] : listed(state).filter((one) => knownState(one, null) === null);
  return [
    ...states.map((one) => `the state "${one}", which is none of the United States or Canada.${meantBy(one)}`),
    ...listed(country)
      .filter((one) => !isCountry(one))
      .map((one) => `the country "${one}", which is not known. Write it in English, or as a code such as US`),
  ];
}

/** Only names: any two letters are near a code. */
function meantBy(state: string): string {
  return state.length > 3
    ? didYouMean(
        state,
        STATE_NAMES.filter((name) => name.length > 3),
      )
    : '';
}

function listed(test: Test | undefined): readonly string[] {
  return test && 'oneOf' in test ? test.oneOf : [];
}
