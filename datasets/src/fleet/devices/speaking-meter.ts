import type { PriceTable } from '@gastwin/server/protocol'
import type { DeviceStatus, Reading, Report, TerminalLogPiece } from '@gastwin/twin'
import type { Consumer } from '../metering/consumer.ts'
import { FIRST_ACCESS_POINT } from '../radio/access-points.ts'
import type { RadioPlace } from '../radio/signal.ts'
import type { DeviceClock } from './device-clock.ts'
import { TerminalLog } from './terminal-log.ts'

/** The way by which a meter reaches the platform. */
export interface MeterWay {
  readonly apn: string
  /** `host:port`; undefined: where it was made to report. */
  readonly server: string | undefined
  /** Number of the socket; undefined: the fleet's own. */
  readonly socket: number | undefined
}

/** What a meter remembers of its talk with the platform. */
export interface MeterTalk {
  readonly log: TerminalLog
  /** Until when its button opens the valve, Unix ms. */
  permittedUntil: number
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
  /** It started again, or speaks on another way, and the platform has not heard so: its reports are registrations. */
  registers: boolean
  way: MeterWay
  /** Another way that is tried, the order that asked for it, and the way back. */
  trial: { readonly id: number; readonly to: MeterWay; readonly back: MeterWay } | undefined
  /** How the last trial ended, until the platform knows. */
  news: DeviceStatus['update']
  prices: PriceTable | undefined
  /** Prices that hold from an instant on, Unix ms. */
  coming: { readonly prices: PriceTable; readonly at: number } | undefined
}

/** A meter that speaks for itself. */
export interface SpeakingMeter extends MeterTalk {
  readonly consumer: Consumer
  readonly clock: DeviceClock
  readonly radio: RadioPlace
  readonly batteryVolt: number
  sequence: number
}

/** Nothing was said yet. */
export const silentTalk = (): MeterTalk => ({
  ...{ log: new TerminalLog(), permittedUntil: 0, open: undefined, answerTo: undefined, obeyed: undefined },
  ...{
    days: [],
    pieces: [],
    next: undefined,
    registers: false,
    trial: undefined,
    news: undefined,
    prices: undefined,
    coming: undefined,
  },
  way: { apn: FIRST_ACCESS_POINT, server: undefined, socket: undefined },
})
