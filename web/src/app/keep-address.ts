import { keepLanguage } from '../text/language.ts'
import { printAddress } from './address.ts'
import type { ConsoleModel } from './console-model.ts'

/** Browsers refuse more than a few hundred address changes a minute. */
const SETTLE_MS = 400

/** Keeps the address bar, the language of the page and its choice in step with what is shown. */
export function keepAddress({ selection, language, place }: ConsoleModel): void {
  let timer: ReturnType<typeof setTimeout> | undefined
  const write = () => {
    clearTimeout(timer)
    timer = setTimeout(() => {
      const text = printAddress({ selection: selection.get(), language: language.get(), place: place.get() })
      history.replaceState(null, '', text)
    }, SETTLE_MS)
  }
  const speak = () => {
    document.documentElement.lang = language.get() === 'zh' ? 'zh-CN' : 'en'
    keepLanguage(language.get())
  }
  selection.subscribe(write)
  place.subscribe(write)
  language.subscribe(write)
  language.subscribe(speak)
  speak()
}
