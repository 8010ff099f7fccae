const DENSE = { isApart: false, isDifficult: false }
const APART = { isApart: true, isDifficult: false }
const DIFFICULT = { isApart: false, isDifficult: true }

/**
 * How a dwelling stands to the radio: in a dense city or in a county town and suburb, where buildings stand apart; tall (15 floors and
 * more), of several floors or a villa; and what networks find difficult, where a signal outside does not promise one inside (S0-84).
 * @source NB-IoT smart gas meter white paper 2018, §4.2.1.1, scenes of gas meters
 */
export const PLACES = {
  urban_high_rise: DENSE,
  urban_multi_storey: DENSE,
  urban_villa: DENSE,
  suburb_high_rise: APART,
  suburb_multi_storey: APART,
  suburb_villa: APART,
  waterfront_high_rise: DIFFICULT,
  demolition_area: DIFFICULT,
} as const

export type PlaceClass = keyof typeof PLACES

export const PLACE_CLASSES = Object.keys(PLACES) as readonly PlaceClass[]
