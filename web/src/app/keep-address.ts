import { keepLanguage, loadWords } from '../text/language.ts'
import { type Address, printAddress, readAddress, screenOf } from './address.ts'
import type { ConsoleModel } from './console-model.ts'

/** Browsers refuse more than a few hundred address changes a minute. */
const SETTLE_MS = 400

/** Keeps the address bar, the language of the page and its choice in step with what is shown. */
export function keepAddress(model: ConsoleModel): void {
  const { screen, selection, language, place, mode, period, deviceTab } = model
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
  addEventListener('hashchange', ({ newURL }) => {
    // The address bar may have been written since, with what was shown before.
    const { hash } = new URL(newURL)
    const asked = screenOf(hash)
    if (asked === undefined) return
    const address = readAddress(hash)
    screen.set(asked)
    // The navigation names a screen only, and leaves the rest as it is.
    if (hash.includes('?')) open(model, address)
    else if (asked === 'devices') deviceTab.set(address.tab)
  })
  language.subscribe(speak)
  speak()
}

/** Shows in this page what a link would open in a new one. */
function open(model: ConsoleModel, { selection, language, place, mode, period, tab }: Address): void {
  model.mode.set(mode)
  model.period.set(period)
  model.deviceTab.set(tab)
  model.selection.select(selection)
  if (place !== undefined) {
    model.place.set(place)
    model.placeAsked.set(place)
  }
  if (language === undefined) return
  loadWords(language).then(
    () => model.language.set(language),
    () => {},
  )
}
