import type { Plot } from './plot.ts'

/**
 * The chart library asks the browser for a number format of its language while it is being loaded, and some systems say a
 * language that is no valid tag (`en-US@posix`). Loading would throw, so such a browser is given a valid one first.
 */
export async function loadPlot(parent: HTMLElement): Promise<Plot> {
  try {
    new Intl.NumberFormat(navigator.language)
  } catch {
    Object.defineProperty(navigator, 'language', { value: 'en-US', configurable: true })
  }
  const { createPlot } = await import('./plot.ts')
  return createPlot(parent)
}
