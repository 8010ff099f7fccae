import { useCallback } from 'react'
import { useStore } from '../state/store.ts'
import { nameIn } from '../text/language.ts'
import { useConsole } from './console-model.ts'

/** The city's time zone; UTC until the city is known. */
export function useTimeZone(): string {
  return useStore(useConsole().city)?.time_zone ?? 'UTC'
}

/** `Z-07 Harbour`: id and name, or the id alone when they say the same. */
export function useZoneName(): (id: string) => string {
  const { zones, geometry, language } = useConsole()
  const spoken = useStore(language)
  const known = useStore(zones)
  const meta = useStore(geometry)?.meta
  return useCallback(
    (id: string) => {
      const name = nameIn(spoken, known?.get(id)?.name ?? meta?.zones.find((z) => z.id === id)?.name ?? id)
      return name === id ? id : `${id} ${name}`
    },
    [known, meta, spoken],
  )
}
