import type { LeakStanding, MeterReplacement, SuspicionFact } from '@gastwin/analytics'

const percent = (part: number | null) => `${Math.round(100 * (part ?? 0))} %`
const day = (at: number | null) => (at === null ? 'the first reading' : new Date(at).toISOString().slice(0, 10))
const m3 = (value: number | null) => (value ?? 0).toFixed(2)

/** English for the facts of a suspicion; a code that is not here stands as it is. */
const FACT_WORDS: Readonly<Record<string, (fact: SuspicionFact) => string>> = {
  drop: ({ value, at }) =>
    `since ${day(at)} it counts ${percent(value)} less than its use before and its neighbours' use foretell`,
  cold_drop: ({ value }) => `when it is cold it counts ${percent(value)} less than its mild days foretell`,
  weekend_drop: ({ value }) => `at weekends it counts ${percent(value)} less than on other days`,
  idle_days: ({ value }) =>
    `it counts nothing on ${percent(value)} of the days, here and there, and as much as others on the rest`,
  strength: ({ value }) => `${(value ?? 0).toFixed(1)} standard deviations`,
  own_use: ({ value }) => `it counts ${m3(value)} m³ a day`,
  peer_use: ({ value }) => `others of its size count ${m3(value)} in the middle`,
  stands_still: ({ at }) => `its register stands still since ${day(at)}`,
  never_moved: () => 'its register has never moved in the data: empty home, broken meter or bypass',
  zone_misses_gas: () => "its zone's balance misses gas on the same days",
  zone_misses_nothing: () => "its zone's balance does not miss that gas",
  zone_says_nothing: () => "its zone's balance neither confirms nor denies it",
  utilisation: ({ value }) =>
    `its highest hourly flow is ${percent(value)} of what its size carries: small flows pass uncounted`,
  age_years: ({ value }) => `${value} years old`,
}

export const reasonInWords = (facts: readonly SuspicionFact[]): string =>
  facts.map((fact) => FACT_WORDS[fact.code]?.(fact) ?? fact.code).join('; ')

const REPLACEMENT_WORDS: Readonly<Record<MeterReplacement['reason'], string>> = {
  stopped: 'stands still',
  too_large: 'too large for its load',
  worn: 'worn',
}

export const replacementInWords = ({ reason, over_age, age_years }: MeterReplacement): string =>
  reason === 'worn' ? `${age_years} years old${over_age ? ', past its ten years' : ''}` : REPLACEMENT_WORDS[reason]

export const STANDING_WORDS: Readonly<Record<LeakStanding, string>> = {
  found: 'found, open or cut off',
  repaired: 'repaired',
  not_found: 'people found none',
  other_cause: 'another cause',
}
