/**
 * The reference state at which gastwin counts gas: 293.15 K and 101 325 Pa.
 * @source GB/T 19205-2008 as publicly summarised; docs/UNITS.md
 */
export const REFERENCE_TEMPERATURE_K = 293.15
export const REFERENCE_PRESSURE_PA = 101_325
