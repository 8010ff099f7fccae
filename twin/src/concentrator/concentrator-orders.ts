import type { ArchivedMeter } from './concentrator.ts'
import type { ReadSource } from './meter-duty.ts'

/** What rides on the answer to a concentrator's message. Every order may be said again: carrying it out twice does no harm. */
export type ConcentratorOrder =
  | ReadingOrder
  /** Say these to their meters and tell what they answered. */
  | { readonly kind: 'pass_on'; readonly frames: readonly FrameToPass[] }

/** Orders that follow from what is missing. */
export type ReadingOrder =
  /** Rows `first`… of the list of meters with their plans; the list is held when all `total` rows are. */
  | {
      readonly kind: 'addresses'
      readonly version: number
      readonly total: number
      readonly first: number
      readonly rows: readonly ArchivedMeter[]
    }
  /** Send the values of these due times, Unix ms: read anew from the meter's own memory, or from the concentrator's. */
  | {
      readonly kind: 'read'
      readonly id: number
      readonly source: Exclude<ReadSource, 'next_report'>
      readonly meters: readonly { readonly meter: number; readonly due: readonly number[] }[]
    }
  /** Look for paths anew; an empty list means all meters. */
  | { readonly kind: 'network'; readonly id: number; readonly meters: readonly number[] }

/** Frames of one command for one meter. A command with its attempt is said to the meter once, however often it is ordered. */
export interface FrameToPass {
  readonly command: number
  /** From 1: the same command is tried again under the next. */
  readonly attempt: number
  readonly meter: number
  /** Unix ms, whole seconds: it is not said to the meter after this. */
  readonly until: number
  /** As they go over the line, one behind the other; each is answered before the next is said. */
  readonly frames: Uint8Array
}

/** Rows of addresses and meters of one order, so that an answer stays one small datagram. */
export const ROWS_A_PAGE = 24
export const METERS_AN_ORDER = 10
/** Due times of one order: their frames are sent one datagram a meter. */
export const DUES_A_METER = 60
