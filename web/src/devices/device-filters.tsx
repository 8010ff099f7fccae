import { DEVICE_CONDITIONS } from '@gastwin/server/contract'
import { useEffect, useState } from 'react'
import { useConsole } from '../app/console-model.ts'
import { useZoneName } from '../app/use-zones.ts'
import { printNumber } from '../format/numbers.ts'
import { useStore } from '../state/store.ts'
import { useText } from '../text/use-text.ts'
import { type DeviceApi, type ListFilter, NO_FILTER } from './device-api.ts'
import { useDeviceText } from './device-text.ts'
import { useAsked } from './use-asked.tsx'

const SETTLE_MS = 300
const FACETS_MS = 60_000
const askFacets = (api: DeviceApi) => api.facets()

interface DeviceFiltersProps {
  readonly filter: ListFilter
  readonly onChange: (filter: ListFilter) => void
}

export function DeviceFilters({ filter, onChange }: DeviceFiltersProps) {
  const t = useDeviceText()
  const words = useText()
  const [query, setQuery] = useState(filter.query)
  useEffect(() => {
    if (query === filter.query) return
    const timer = setTimeout(() => onChange({ ...filter, query }), SETTLE_MS)
    return () => clearTimeout(timer)
  }, [query, filter, onChange])
  const toggle = (condition: ListFilter['conditions'][number]) =>
    onChange({
      ...filter,
      conditions: filter.conditions.includes(condition)
        ? filter.conditions.filter((one) => one !== condition)
        : [...filter.conditions, condition],
    })
  return (
    <search className="device-filters" aria-label={t.filters}>
      <input
        type="search"
        aria-label={t.query}
        placeholder={t.query}
        autoComplete="off"
        spellCheck={false}
        maxLength={64}
        value={query}
        onChange={(event) => setQuery(event.target.value)}
      />
      <label>
        {t.kind}
        <select value={filter.kind} onChange={(event) => onChange({ ...filter, kind: event.target.value })}>
          <option value="">{t.all}</option>
          {(['meter', 'rtu', 'valve'] as const).map((kind) => (
            <option key={kind} value={kind}>
              {words.assets.kinds[kind]}
            </option>
          ))}
        </select>
      </label>
      <PlaceFilters filter={filter} onChange={onChange} />
      {/* biome-ignore lint/a11y/useSemanticElements: a row of switches, not a form */}
      <div className="conditions" role="group" aria-label={t.conditions}>
        {DEVICE_CONDITIONS.map((condition) => (
          <button
            key={condition}
            type="button"
            aria-pressed={filter.conditions.includes(condition)}
            onClick={() => toggle(condition)}
          >
            {t.condition[condition]}
          </button>
        ))}
        <button
          type="button"
          className="link"
          onClick={() => {
            setQuery('')
            onChange(NO_FILTER)
          }}
        >
          {t.clearFilters}
        </button>
      </div>
    </search>
  )
}

type Places = Pick<ListFilter, 'zone' | 'profile' | 'mark'>

interface PlaceFiltersProps<T extends Places> {
  readonly filter: T
  readonly onChange: (filter: T) => void
}

/** Zone, profile and mark: what a list and a campaign are narrowed to alike. */
export function PlaceFilters<T extends Places>({ filter, onChange }: PlaceFiltersProps<T>) {
  const t = useDeviceText()
  const { zones } = useConsole()
  const zoneName = useZoneName()
  const known = useStore(zones)
  const facets = useAsked('facets', askFacets, FACETS_MS).value
  const choices = [
    ['zone', t.zone, [...(known?.keys() ?? [])].map((id) => [id, zoneName(id)] as const)],
    ['profile', t.profile, (facets?.profiles ?? []).map((name) => [name, name] as const)],
    [
      'mark',
      t.mark,
      (facets?.marks ?? []).map(
        ({ mark, devices }) => [mark, `${markWord(mark, t.life)} (${printNumber(devices)})`] as const,
      ),
    ],
  ] as const
  return choices.map(([name, label, options]) =>
    options.length === 0 ? null : (
      <label key={name}>
        {label}
        <select value={filter[name]} onChange={(event) => onChange({ ...filter, [name]: event.target.value })}>
          <option value="">{t.all}</option>
          {options.map(([value, text]) => (
            <option key={value} value={value}>
              {text}
            </option>
          ))}
        </select>
      </label>
    ),
  )
}

const markWord = (mark: string, life: Readonly<Record<string, string>>): string => {
  const name = mark.slice(mark.indexOf(':') + 1)
  return mark.startsWith('life:') ? (life[name] ?? name) : mark.startsWith('tag:') ? `#${name}` : name
}
