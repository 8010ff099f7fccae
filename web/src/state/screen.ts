/** The screens of the console, in the order of their keys: Alt+1, Alt+2, Alt+3. */
export const SCREENS = ['dispatch', 'gap', 'devices'] as const
export type Screen = (typeof SCREENS)[number]

/** Tabs of the device screen. */
export const DEVICE_TABS = [
  'list',
  'rates',
  'quarantine',
  'orders',
  'campaigns',
  'spreading',
  'archive',
  'trust',
] as const
export type DeviceTab = (typeof DEVICE_TABS)[number]
export const parseDeviceTab = (text: string | null): DeviceTab => DEVICE_TABS.find((name) => name === text) ?? 'list'

/** Of what stands after `#/` in the address; undefined when it names no screen. */
export const parseScreen = (text: string | undefined): Screen | undefined => SCREENS.find((name) => name === text)
