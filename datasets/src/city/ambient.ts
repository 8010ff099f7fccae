/** Air pressure at a height, Pa. @source the barometric law of the network format */
export function ambientPressure(heightM: number): number {
  return 101_325 * (1 - (0.0065 * heightM) / 288.15) ** 5.255
}
