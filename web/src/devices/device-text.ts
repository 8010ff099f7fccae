import { useConsole } from '../app/console-model.ts'
import { useStore } from '../state/store.ts'
import { type DeviceOrderText, deviceOrders as ordersEn } from '../text/en/device-orders.ts'
import { type DeviceRecordText, deviceRecords as recordsEn } from '../text/en/device-records.ts'
import { type DeviceText, devices as en } from '../text/en/devices.ts'
import type { Language } from '../text/language.ts'
import { deviceOrders as ordersZh } from '../text/zh/device-orders.ts'
import { deviceRecords as recordsZh } from '../text/zh/device-records.ts'
import { devices as zh } from '../text/zh/devices.ts'

const WORDS: Readonly<Record<Language, DeviceText>> = { en, zh }

/** The words of this screen: they travel with it, not with the first screen. */
export function useDeviceText(): DeviceText {
  return WORDS[useStore(useConsole().language)]
}

const ORDER_WORDS: Readonly<Record<Language, DeviceOrderText>> = { en: ordersEn, zh: ordersZh }

/** The words of orders, permits, spreading and the security report. */
export function useOrderText(): DeviceOrderText {
  return ORDER_WORDS[useStore(useConsole().language)]
}

const RECORD_WORDS: Readonly<Record<Language, DeviceRecordText>> = { en: recordsEn, zh: recordsZh }

/** The words of tables of points, consents, and what to do about mistakes. */
export function useRecordText(): DeviceRecordText {
  return RECORD_WORDS[useStore(useConsole().language)]
}
