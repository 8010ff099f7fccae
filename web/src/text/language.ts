import type { Dictionary } from './en/index.ts'

export type Language = 'zh' | 'en'

const KEY = 'gastwin.language'
const known = new Map<Language, Dictionary>()

/** Fetches the words of a language: the first screen waits for one of them only. @throws (rejects) when they cannot be fetched */
export async function loadWords(language: Language): Promise<void> {
  if (known.has(language)) return
  known.set(language, language === 'zh' ? (await import('./zh/index.ts')).zh : (await import('./en/index.ts')).en)
}

/** The words of a language; until they are there, those of the other one. */
export function dictionaryOf(language: Language): Dictionary {
  const words = known.get(language) ?? [...known.values()][0]
  if (words === undefined) throw new Error('no words were loaded')
  return words
}

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
