import { CONTENT_FORMAT, type VendorProfile } from '@gastwin/server/protocol'
import type { UpdatedDevice } from './field-work.ts'
import type { Spreading } from './peak-spreading.ts'
import type { SpeakingMeter } from './speaking-meter.ts'

/** A meter that reports once a day, with everything that it remembers. */
export interface HouseholdMeter extends SpeakingMeter {
  readonly contentFormat: number
  /** Enciphers every other report. */
  readonly isMixed: boolean
  /** As manifests of firmware name it. */
  readonly maker: string
  spreading: Spreading
  /** Seconds within the slot. */
  x: number
  /** Day of the month at whose begin it keeps its register, and what it kept. */
  settlementDay: number | undefined
  settlement: { readonly day: number; readonly registerM3: number } | undefined
  /** Months from one settlement to the next: what the steps of its prices count over. */
  pricePeriodMonths: number
  /** Share of its largest flow, in permille, above which it tells over-flow. */
  overFlowPermille: number | undefined
}

export const updatedMeter = ({ consumer, maker, batteryVolt, radio }: HouseholdMeter): UpdatedDevice => ({
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
