import { buildCity } from './write-city.ts'

/** A village of 500 meters in three districts, for tests. */
export function smallCity(seed: number): ReturnType<typeof buildCity> {
  return buildCity({ meters: 500, seed })
}
