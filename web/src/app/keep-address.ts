import { keepLanguage } from '../text/language.ts'
import { printAddress, readAddress, screenOf } from './address.ts'
import type { ConsoleModel } from './console-model.ts'

/** Browsers refuse more than a few hundred address changes a minute. */
const SETTLE_MS = 400

/** Keeps the address bar, the language of the page and its choice in step with what is shown. */
export function keepAddress({ screen, selection, language, place, mode, period, deviceTab }: ConsoleModel): void {
  let timer: ReturnType<typeof setTimeout> | undefined
  const writeNow = () => {
    clearTimeout(timer)
    history.replaceState(
      null,
      '',
      printAddress({
        screen: screen.get(),
        selection: selection.get(),
        language: language.get(),
        place: place.get(),
        mode: mode.get(),
        period: period.get(),
        tab: deviceTab.get(),
      }),
    )
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
  screen.subscribe(writeNow)
  period.subscribe(writeNow)
  deviceTab.subscribe(writeNow)
  addEventListener('hashchange', () => {
    const asked = screenOf(location.hash)
    if (asked === undefined) return
    screen.set(asked)
    if (asked === 'devices') deviceTab.set(readAddress(location.hash).tab)
  })
  language.subscribe(speak)
  speak()
}
