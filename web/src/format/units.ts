/** SI becomes the operator's units here and nowhere else. */

/** Gauge pressure is counted from the standard atmosphere, Pa. */
const STANDARD_ATMOSPHERE = 101_325
const ZERO_CELSIUS = 273.15

/** @param pressure Pa absolute */
export const pressureKpaG = (pressure: number): number => (pressure - STANDARD_ATMOSPHERE) / 1000
/** A difference of pressures, Pa: no atmosphere to take off. */
export const differenceKpa = (difference: number): number => difference / 1000
/** @param flow m³/s at the reference state */
export const flowM3H = (flow: number): number => flow * 3600
/** @param temperature K */
export const temperatureC = (temperature: number): number => temperature - ZERO_CELSIUS
/** @param diameter m */
export const diameterMm = (diameter: number): number => diameter * 1000
