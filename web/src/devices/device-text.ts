import { useConsole } from '../app/console-model.ts'
import { useStore } from '../state/store.ts'
import { type DeviceText, devices as en } from '../text/en/devices.ts'
import type { Language } from '../text/language.ts'
import { devices as zh } from '../text/zh/devices.ts'

const WORDS: Readonly<Record<Language, DeviceText>> = { en, zh }

/** The words of this screen: they travel with it, not with the first screen. */
export function useDeviceText(): DeviceText {
  return WORDS[useStore(useConsole().language)]
}
