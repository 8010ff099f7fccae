import { dictionaryOf } from '../text/language.ts'
import type { ConsoleModel } from './console-model.ts'

const FAMILY = '14px "Noto Sans SC"'

/**
 * The Chinese font comes in slices, each loaded when a letter of it is first shown. Words that appear only when something is
 * wrong (offline!) would find no service to load theirs from, so all of the dictionary's are fetched ahead.
 */
export function keepFontsReady({ language }: ConsoleModel): void {
  const fetchSlices = () => {
    const words = textOf(dictionaryOf(language.get()))
    for (const weight of [400, 600]) void document.fonts.load(`${weight} ${FAMILY}`, words).catch(() => [])
  }
  language.subscribe(fetchSlices)
  // After the first paint: what is on the screen comes first.
  setTimeout(fetchSlices, 3000)
}

function textOf(words: unknown): string {
  if (typeof words === 'string') return words
  // The source of a phrase with parameters holds its letters.
  if (typeof words === 'function') return String(words)
  if (typeof words !== 'object' || words === null) return ''
  const letters = new Set(Object.values(words).flatMap((value) => [...textOf(value)]))
  return [...letters].join('')
}
