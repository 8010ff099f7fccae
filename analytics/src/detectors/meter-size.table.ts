/** Flow limits of a gas meter size, m³/h at working conditions. */
export interface MeterSize {
  readonly name: string
  readonly nominalM3H: number
  readonly maxM3H: number
  /** Below it, at the latest, a meter may count too little: the upper limit of its minimum flow. */
  readonly minimumM3H: number
  /** Flow at which it must start to count. */
  readonly startingM3H: number
  /** Flow that no sound installation reaches: the meter itself would shut. */
  readonly overFlowM3H: number
}

/**
 * Household sizes.
 * @source nominal, maximum, minimum and starting flow up to G6: draft standard for household meters §5.3.2; minimum above: 1/160 of the maximum, as there; over-flow cut: published table of
 * Osaka Gas for 1.6 … 16 m³/h
 */
// biome-ignore format: a table is read by its columns
export const METER_SIZES: readonly MeterSize[] = [
  { name: 'G1.6', nominalM3H: 1.6, maxM3H: 2.5, minimumM3H: 0.016, startingM3H: 0.003, overFlowM3H: 3.0 },
  { name: 'G2.5', nominalM3H: 2.5, maxM3H: 4,   minimumM3H: 0.025, startingM3H: 0.005, overFlowM3H: 4.5 },
  { name: 'G4',   nominalM3H: 4,   maxM3H: 6,   minimumM3H: 0.040, startingM3H: 0.005, overFlowM3H: 7.3 },
  { name: 'G6',   nominalM3H: 6,   maxM3H: 10,  minimumM3H: 0.060, startingM3H: 0.008, overFlowM3H: 10.9 },
  { name: 'G10',  nominalM3H: 10,  maxM3H: 16,  minimumM3H: 0.100, startingM3H: 0.013, overFlowM3H: 18.2 },
  { name: 'G16',  nominalM3H: 16,  maxM3H: 25,  minimumM3H: 0.156, startingM3H: 0.021, overFlowM3H: 28.9 },
]

/** Beyond the table: 1.8 × nominal, and the ratios of the largest household size for the rest. */
const RATIO = { max: 1.6, minimum: 1 / 100, starting: 1 / 750, overFlow: 1.8 }

/** Facts of a size such as "G2.5" or "G100"; an unknown one is taken as G2.5, the commonest in homes. */
export function meterSize(name: string | null | undefined): MeterSize {
  const known = METER_SIZES.find((size) => size.name === name)
  if (known !== undefined) return known
  const nominal = Number(/^G(\d+(?:\.\d+)?)$/.exec(name ?? '')?.[1] ?? Number.NaN)
  if (!(nominal > 0))
    return { name: 'G2.5', nominalM3H: 2.5, maxM3H: 4, minimumM3H: 0.025, startingM3H: 0.005, overFlowM3H: 4.5 }
  return {
    name: `G${nominal}`,
    nominalM3H: nominal,
    maxM3H: nominal * RATIO.max,
    minimumM3H: nominal * RATIO.minimum,
    startingM3H: nominal * RATIO.starting,
    overFlowM3H: nominal * RATIO.overFlow,
  }
}
