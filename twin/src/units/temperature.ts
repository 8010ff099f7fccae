const ZERO_CELSIUS_K = 273.15

/** K from °C. */
export function kelvinFromCelsius(celsius: number): number {
  return celsius + ZERO_CELSIUS_K
}
/** °C from K. */
export function celsiusFromKelvin(temperature: number): number {
  return temperature - ZERO_CELSIUS_K
}
