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

/**
 * Proper names come from the utility's data, some of them in both languages: `龙溪 Longxi`. One language at a time: the part
 * that is written in the other one is left out, unless nothing else is there.
 */
export function nameIn(language: Language, name: string): string {
  const both = /^([\u2e80-\u9fff\uff00-\uffef·\d]+)\s+([A-Za-z].*)$/.exec(name)
  if (both === null) return name
  return (language === 'zh' ? both[1] : both[2]) ?? name
}

/** The word for a code of the service; a code nobody has translated is still readable. */
export function wordFor(words: Readonly<Record<string, string>>, code: string): string {
  return words[code] ?? code.replaceAll(/[_-]+/g, ' ')
}
