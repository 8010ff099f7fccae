/**
 * Yuan for a meter of a size, put in place: up to and including `nominalM3H`, of homes, of businesses or, without a class, of both. The
 * first row that fits a meter holds.
 */
export type MeterPrices = readonly {
  readonly home?: boolean
  readonly nominalM3H: number
  readonly yuan: number
  /** Nobody told it: a default of the program. */
  readonly assumed?: boolean
}[]

const row = (home: boolean, nominalM3H: number, yuan: number) => ({ home, nominalM3H, yuan, assumed: true })
const ANY = Number.POSITIVE_INFINITY

/** Meter, visit and proof of tightness; at a business also the stop that its work makes dear (assumptions, all of them). */
export const METER_PRICES: MeterPrices = [
  row(true, 1.6, 260),
  row(true, 2.5, 280),
  row(true, 4, 340),
  row(true, 6, 520),
  row(true, 10, 1200),
  row(true, ANY, 3000),
  row(false, 4, 600),
  row(false, 10, 1600),
  row(false, 25, 3400),
  row(false, 65, 9500),
  row(false, 160, 21_000),
  row(false, ANY, 38_000),
]

/** The row of a meter; undefined when no row is for its class. */
export function replacementPrice(
  prices: MeterPrices,
  { home, nominalM3H }: { readonly home: boolean; readonly nominalM3H: number },
): { readonly yuan: number; readonly assumed: boolean } | undefined {
  const found = prices.find((price) => (price.home ?? home) === home && nominalM3H <= price.nominalM3H)
  return found === undefined ? undefined : { yuan: found.yuan, assumed: found.assumed === true }
}
