import { CONTENT_FORMAT, type PriceTable, type VendorProfile } from '@gastwin/server/protocol'
import type { DeviceStatus, Reading, Report, TerminalLogPiece } from '@gastwin/twin'
import type { Consumer } from '../metering/consumer.ts'
import type { RadioPlace } from '../radio/signal.ts'
import type { DeviceClock } from './device-clock.ts'
import type { UpdatedMeter } from './field-work.ts'
import type { Spreading } from './peak-spreading.ts'
import type { TerminalLog } from './terminal-log.ts'

/** The way by which a meter reaches the platform. */
export interface MeterWay {
  readonly apn: string
  /** `host:port`; undefined: where it was made to report. */
  readonly server: string | undefined
  /** Number of the socket; undefined: the fleet's own. */
  readonly socket: number | undefined
}

/** A meter that reports once a day, with everything that it remembers. */
export interface HouseholdMeter {
  readonly consumer: Consumer
  readonly clock: DeviceClock
  readonly radio: RadioPlace
  readonly contentFormat: number
  /** Enciphers every other report. */
  readonly isMixed: boolean
  readonly batteryVolt: number
  /** As manifests of firmware name it. */
  readonly maker: string
  readonly log: TerminalLog
  spreading: Spreading
  /** Until when its button opens the valve, Unix ms. */
  permittedUntil: number
  /** Seconds within the slot. */
  x: number
  sequence: number
  /** A report under way: its text, fixed when it was due, and the runs left. */
  open: { readonly report: Report; runs: number } | undefined
  answerTo: { readonly id: number; readonly accepted: boolean } | undefined
  /** The order that it carried out last: one that comes again is answered again, and not done twice. */
  obeyed: { readonly id: number; readonly accepted: boolean } | undefined
  /** What it was asked for and the platform has not acknowledged yet. */
  days: readonly Reading[]
  pieces: readonly TerminalLogPiece[]
  /** What comes when its word has been heard. */
  next: { readonly id: number; readonly task: 'start_up' | 'moved' } | undefined
  way: MeterWay
  /** Another way that is tried, the order that asked for it, and the way back. */
  trial: { readonly id: number; readonly to: MeterWay; readonly back: MeterWay } | undefined
  /** How the last trial ended, until the platform knows. */
  news: DeviceStatus['update']
  prices: PriceTable | undefined
  /** Prices that hold from an instant on, Unix ms. */
  coming: { readonly prices: PriceTable; readonly at: number } | undefined
  /** Day of the month at whose begin it keeps its register, and what it kept. */
  settlementDay: number | undefined
  settlement: { readonly day: number; readonly registerM3: number } | undefined
  /** Share of its largest flow, in permille, above which it tells over-flow. */
  overFlowPermille: number | undefined
}

export const updatedMeter = ({ consumer, maker, batteryVolt, radio }: HouseholdMeter): UpdatedMeter => ({
  ...{ row: consumer.index, device: consumer.device, maker, batteryVolt, pci: radio.pci },
})

/** Those that may speak both ways do so in turn. */
export const formOf = ({ contentFormat, isMixed, sequence }: HouseholdMeter): number =>
  isMixed && contentFormat === CONTENT_FORMAT.CJT188_SM4 && sequence % 2 === 1 ? CONTENT_FORMAT.CJT188 : contentFormat

/** What a maker's meters speak; those of no certain maker by lot. */
export function language(protocol: VendorProfile['protocol'] | undefined, u: number): number {
  if (protocol === 'cat1') return CONTENT_FORMAT.CAT1
  if (protocol === 'cjt188') return u < 0.5 ? CONTENT_FORMAT.CJT188_SM4 : CONTENT_FORMAT.CJT188
  return u < 0.8 ? CONTENT_FORMAT.CJT188_SM4 : u < 0.92 ? CONTENT_FORMAT.CJT188 : CONTENT_FORMAT.CBOR
}
