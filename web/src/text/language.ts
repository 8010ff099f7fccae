import { type Dictionary, en } from './en/index.ts'
import { zh } from './zh/index.ts'

export type Language = 'zh' | 'en'

const DICTIONARIES: Readonly<Record<Language, Dictionary>> = { en, zh }
const KEY = 'gastwin.language'

export const dictionaryOf = (language: Language): Dictionary => DICTIONARIES[language]

/** The operator's last choice on this machine; else Chinese when the browser asks for it. */
export function firstLanguage(): Language {
  try {
    const kept = localStorage.getItem(KEY)
    if (kept === 'zh' || kept === 'en') return kept
  } catch {
    // A browser that keeps nothing still says what it speaks.
  }
  return navigator.language.startsWith('zh') ? 'zh' : 'en'
}

export function keepLanguage(language: Language): void {
  try {
    localStorage.setItem(KEY, language)
  } catch {
    // Chosen for this page only.
  }
}

/** The word for a code of the service; a code nobody has translated is still readable. */
export function wordFor(words: Readonly<Record<string, string>>, code: string): string {
  return words[code] ?? code.replaceAll(/[_-]+/g, ' ')
}
