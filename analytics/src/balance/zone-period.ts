/**
 * The supply–sales balance of one zone over [from, to), in m³ at the reference state (DESIGN: supply = Σ sign × inlet flow;
 * sales = register advance as billed: last reading up to the end minus last reading up to the begin).
 */
export interface ZonePeriod {
  readonly zone: string
  /** Unix ms. */
  readonly from: number
  readonly to: number
  readonly supply_m3: number
  readonly sales_m3: number
  readonly linepack_change_m3: number
  readonly own_use_m3: number
  /** supply − sales − linepack change − own use. */
  readonly gap_m3: number
  /** gap / supply; null when nothing was supplied. */
  readonly gap_rate: number | null
  /** The part of the gap that temperature and pressure at uncorrected meters explain. */
  readonly temperature_pressure_m3: number
  /** Expected advance of meters whose scheduled reading has not arrived: how much of the gap rests on them. */
  readonly unread_m3: number
  readonly unread_meters: number
  readonly meters: number
  /** Share of the period for which every inlet was measured, 0…1. */
  readonly inlet_coverage: number
}
