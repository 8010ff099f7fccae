import type { TerminalLogPiece } from '@gastwin/twin'
import type { FieldValue } from '../record/field.ts'
import type { ConnectionSetting } from '../report/answer.ts'
import type { PriceTable } from '../report/line-order.ts'
import type { Extension } from './extension.ts'
import type { FirmwareWord } from './firmware-word.ts'
import type { IdentifierOrder } from './identifiers.ts'
import type { DayRegisters } from './own-forms.ts'

interface Identified {
  /** Canonical identifier, 0x901F. */
  readonly di: number
  readonly order: IdentifierOrder
  /** SER: the master counts, the slave echoes. 0…255 */
  readonly serial: number
}

/** 901F of a water or gas meter. */
export interface CurrentData extends Identified {
  readonly kind: 'current'
  /** m³; NaN when a digit or the unit is not known. */
  readonly totalM3: number
  readonly settlementM3: number
  /** Unix ms, whole seconds; NaN when the clock bytes are no time. */
  readonly time: number
  /** ST0 + 256 × ST1, to be read with the maker's profile. */
  readonly statusWord: number
}

/** What the data field of one frame says. `valve-command` with `open` is read (a hand-held tool sends it) and never written. */
export type DataField =
  | CurrentData
  | (Identified & { readonly kind: 'extension'; readonly extension: Extension })
  | (Identified & { readonly kind: 'clock'; readonly time: number })
  | (Identified & { readonly kind: 'valve-command'; readonly action: 'open' | 'close' })
  | (Identified & { readonly kind: 'valve-answer'; readonly statusWord: number })
  | (Identified & { readonly kind: 'ticket'; readonly commandId: number })
  | (Identified & { readonly kind: 'parameter'; readonly parameter: number; readonly value: number })
  | (Identified & { readonly kind: 'firmware'; readonly firmware: FirmwareWord })
  | (Identified & { readonly kind: 'terminal-log'; readonly piece: TerminalLogPiece })
  | (Identified & { readonly kind: 'days'; readonly days: DayRegisters })
  | (Identified & { readonly kind: 'connection'; readonly setting: ConnectionSetting; readonly text: string })
  | (Identified & { readonly kind: 'prices'; readonly prices: PriceTable })
  | { readonly kind: 'error'; readonly serial: number; readonly status: Uint8Array }
  | (Identified & { readonly kind: 'record'; readonly values: readonly FieldValue[] })
  | (Identified & { readonly kind: 'other'; readonly payload: Uint8Array })

/** The fields of the kinds that gastwin writes. */
export type WritableField =
  | Exclude<DataField, { kind: 'valve-command' }>
  | (Identified & { readonly kind: 'valve-command'; readonly action: 'close' })
