/** What the balance assumes where nothing is measured. Every number is a default to be set by the utility. */
export interface BalanceConfig {
  /** Gas in meters inside buildings, K (assumption: room temperature). */
  readonly indoorTemperature: number
  /** Gas in meters outside and in pipes where no RTU measures it, K (assumption: soil, yearly mean). */
  readonly groundTemperature: number
  /** Meters of which nobody knows where they hang. */
  readonly unknownPlacement: 'indoor' | 'outdoor'
  /** Pressure at meters behind service regulators, Pa above ambient. */
  readonly servicePressureGauge: number
  /** Up to this, Pa above ambient, a zone feeds its meters directly (low pressure). */
  readonly lowPressureLimitGauge: number
  /** A live flow older than this is not live, ms. */
  readonly liveMaxAgeMs: number
  /** A day is frozen so long after its end, ms: by then the readings of the night have come. */
  readonly freezeAfterMs: number
  /** A scan over the meters of a zone may be used again for so long, ms. */
  readonly scanEveryMs: number
  /** Gas the utility uses itself, per zone id, m³/s at the reference state. */
  readonly ownUse: Readonly<Record<string, number>>
  /** Share of the mean by hour of the day until one is learnt (assumption: cooking and hot water, three peaks). */
  readonly defaultProfile: readonly number[]
}

export const BALANCE_DEFAULTS: BalanceConfig = {
  indoorTemperature: 293.15,
  groundTemperature: 288.15,
  unknownPlacement: 'indoor',
  servicePressureGauge: 2000,
  lowPressureLimitGauge: 10_000,
  liveMaxAgeMs: 180_000,
  freezeAfterMs: 6 * 3_600_000,
  scanEveryMs: 30_000,
  ownUse: {},
  defaultProfile: [
    0.25, 0.15, 0.12, 0.12, 0.18, 0.5, 1.3, 1.7, 1.2, 0.8, 0.9, 1.7, 1.5, 0.8, 0.6, 0.65, 1.0, 1.8, 2.3, 2.1, 1.6, 1.2,
    0.8, 0.45,
  ],
}
