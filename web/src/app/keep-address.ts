import { keepLanguage } from '../text/language.ts'
import { printAddress } from './address.ts'
import type { ConsoleModel } from './console-model.ts'

/** Browsers refuse more than a few hundred address changes a minute. */
const SETTLE_MS = 400

/** Keeps the address bar, the language of the page and its choice in step with what is shown. */
export function keepAddress({ selection, language, place, mode }: ConsoleModel): void {
  let timer: ReturnType<typeof setTimeout> | undefined
  const writeNow = () => {
    clearTimeout(timer)
    const view = { selection: selection.get(), language: language.get(), place: place.get(), mode: mode.get() }
    history.replaceState(null, '', printAddress(view))
  }
  const write = () => {
    clearTimeout(timer)
    timer = setTimeout(writeNow, SETTLE_MS)
  }
  const speak = () => {
    document.documentElement.lang = language.get() === 'zh' ? 'zh-CN' : 'en'
    keepLanguage(language.get())
  }
  selection.subscribe(write)
  place.subscribe(write)
  // Chosen by hand and seldom: a reload in the next moment must find them.
  language.subscribe(writeNow)
  mode.subscribe(writeNow)
  language.subscribe(speak)
  speak()
}
