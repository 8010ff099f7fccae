/**
 * A meter that stands at a metering point in place of the one before. The network knows a point by the number of its first meter;
 * what the meter at the point counts is added to where the register of the point stood.
 */
export interface Fitting {
  /** Number by which the network knows the point. */
  readonly point: number
  /** Number of the meter that stands there from `fitted_at` on. */
  readonly device: number
  /** Number of the meter that stood there before. */
  readonly before: number
  /** When it was fitted, Unix ms: readings before that are not the point's. */
  readonly fitted_at: number
  /** The register that is billed. */
  readonly quantity: 'index_m3' | 'standard_index_m3'
  /** Registers of the meter that left, at its end, and of the one that came, at its begin, m³. */
  readonly old_end_m3: number
  readonly new_begin_m3: number
  /** The register of the point is that of the meter plus this, m³. */
  readonly offset_m3: number
  readonly by: string
  readonly reason: string
}

/** … and the position of its event in the log: it holds for the records behind it. */
export interface KnownFitting extends Fitting {
  readonly since: number
}
