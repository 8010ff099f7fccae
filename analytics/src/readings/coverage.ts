/** Signal that a meter needs at its place; both strictly above. @source NB-IoT smart gas meter white paper 2018, §4.2.1.1 */
export const GOOD_SIGNAL = { rsrpDbm: -117.4, sinrDb: -3 } as const

export const isGoodSignal = (rsrpDbm: number, sinrDb: number): boolean =>
  rsrpDbm > GOOD_SIGNAL.rsrpDbm && sinrDb > GOOD_SIGNAL.sinrDb

/** What the signal loses on its way in, dB: least and most. @source white paper §4.2.1.1, table of penetration losses */
export const PENETRATION_DB = {
  none: [0, 0],
  two_brick_walls: [16, 20],
  sheet_iron_box: [5, 8],
  basement: [32, 32],
} as const
export type Penetration = keyof typeof PENETRATION_DB

/** Distance from the mast in built-up areas, m: good up to here by floor, and where nothing gets through. @source §4.2.1.1, table of distances */
export const REACH_M = { upper: 1350, ground: 1000, none: 2000 } as const

/** The distances were measured among dense buildings: where they stand apart only the farthest one speaks. */
export interface PlaceNature {
  readonly isApart: boolean
  /** A signal outside does not promise one inside. */
  readonly isDifficult: boolean
}

export interface PlaceToAssess {
  /** Measured outside, before anything is installed, dBm. */
  readonly rsrpDbm: number
  readonly through: readonly Penetration[]
  /** Distance from the mast, m; when it is known. */
  readonly distanceM?: number | undefined
  readonly floor?: 'ground' | 'upper' | undefined
  /** What is known of the place itself. */
  readonly place?: PlaceNature | undefined
}

/** `good`: also at the largest loss · `doubtful`: only at the smallest, or far away, or at a place known as difficult · `bad`: not even then. */
export interface PlaceAssessment {
  readonly lowDbm: number
  readonly highDbm: number
  readonly verdict: 'good' | 'doubtful' | 'bad'
  /** Codes of what decided it. */
  readonly reasons: readonly string[]
}

/** Whether a meter will be heard at a place: the signal outside minus what stands between. */
export function assessPlace(place: PlaceToAssess): PlaceAssessment {
  const { rsrpDbm, through, distanceM, floor = 'ground' } = place
  let [least, most] = [0, 0]
  for (const what of through) {
    least += PENETRATION_DB[what][0]
    most += PENETRATION_DB[what][1]
  }
  const [lowDbm, highDbm] = [rsrpDbm - most, rsrpDbm - least]
  const reasons: string[] = []
  let verdict: PlaceAssessment['verdict'] = 'good'
  if (highDbm <= GOOD_SIGNAL.rsrpDbm) {
    verdict = 'bad'
    reasons.push('signal_too_weak')
  } else if (lowDbm <= GOOD_SIGNAL.rsrpDbm) {
    verdict = 'doubtful'
    reasons.push('signal_at_its_limit')
  }
  if (distanceM !== undefined && distanceM > REACH_M.none) {
    verdict = 'bad'
    reasons.push('beyond_any_reach')
  } else if (distanceM !== undefined && distanceM > REACH_M[floor] && place.place?.isApart !== true) {
    if (verdict === 'good') verdict = 'doubtful'
    reasons.push('beyond_good_reach')
  }
  if (place.place?.isDifficult === true) {
    if (verdict === 'good') verdict = 'doubtful'
    reasons.push('difficult_place')
  }
  return { lowDbm, highDbm, verdict, reasons }
}

/** What the meters of one cell measured. */
export interface CellSignal {
  readonly pci: number
  readonly meters: number
  readonly good: number
  /** Medians. */
  readonly rsrpDbm: number
  readonly sinrDb: number
}

/** Cells by what their meters measured, worst first. Terminals that told no signal or no cell count nowhere. */
export function coverageByCell(
  terminals: Iterable<{ readonly pci: number; readonly rsrpDbm: number; readonly sinrDb: number }>,
): CellSignal[] {
  const cells = new Map<number, { rsrp: number[]; sinr: number[]; good: number }>()
  for (const { pci, rsrpDbm, sinrDb } of terminals) {
    if (pci < 0 || Number.isNaN(rsrpDbm) || Number.isNaN(sinrDb)) continue
    const cell = cells.get(pci) ?? { rsrp: [], sinr: [], good: 0 }
    cells.set(pci, cell)
    cell.rsrp.push(rsrpDbm)
    cell.sinr.push(sinrDb)
    if (isGoodSignal(rsrpDbm, sinrDb)) cell.good += 1
  }
  return [...cells]
    .map(([pci, { rsrp, sinr, good }]) => ({
      pci,
      meters: rsrp.length,
      good,
      rsrpDbm: middle(rsrp),
      sinrDb: middle(sinr),
    }))
    .sort((a, b) => a.good / a.meters - b.good / b.meters || a.rsrpDbm - b.rsrpDbm)
}

/** The lower middle one of some numbers; NaN of none. */
export function middle(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[(values.length - 1) >> 1] ?? Number.NaN
}
