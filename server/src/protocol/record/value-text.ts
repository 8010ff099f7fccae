import { toHex } from '../bytes/hex.ts'
import { timeText } from '../report/explanation.ts'
import type { FieldValue } from './field.ts'
import { shownValue, unitOf } from './si-value.ts'
import { readStatusWord, type StatusLayout, type StatusProfile } from './status-word.ts'

/** Names of units as people write them. */
const SHOWN: Readonly<Record<string, string>> = {
  none: '',
  m3: 'm³',
  'm3/h': 'm³/h',
  degC: '°C',
  degree: '°',
  yuan: 'yuan',
}

/** A field in words: number and unit, time, status by the maker's layout. */
export function valueText(value: FieldValue, status?: StatusProfile | StatusLayout): string {
  const { spec, raw, bytes } = value
  switch (spec.kind) {
    case 'number': {
      const shown = shownValue(value)
      if (Number.isNaN(raw)) return 'not readable: a digit is none'
      if (Number.isNaN(shown)) return `${raw / 10 ** spec.decimals}, unit not known`
      const [unit] = unitOf(value)
      return `${Number(shown.toFixed(9))} ${SHOWN[unit] ?? unit}`.trim()
    }
    case 'clock':
      if (!spec.form.includes('DD') && !Number.isNaN(raw)) return new Date(raw).toISOString().slice(11, 19)
      return timeText(raw)
    case 'status':
      return statusText(raw, spec.bytes, status)
    case 'digits':
      return Number.isNaN(raw) ? 'not decimal' : String(raw).padStart(2 * bytes.length, '0')
    case 'bytes':
      return bytes.length === 0 ? 'nothing' : toHex(bytes, ' ')
  }
}

function statusText(word: number, count: number, layout: StatusProfile | StatusLayout | undefined): string {
  if (layout === undefined) return `bits ${word.toString(2).padStart(8 * count, '0')}`
  const { valve, events } = readStatusWord(word, layout)
  return [`valve ${valve}`, ...events].join(', ')
}
