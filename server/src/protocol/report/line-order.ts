import type { Medium, MeterProtocol } from '@gastwin/twin'
import type { ParameterName } from '../../contract/parameters.table.ts'
import type { VendorProfile } from '../profile/vendor-profile.ts'

/** Prices of a tariff by steps: each step ends at a volume, the last has no end. */
export interface PriceTable {
  /** yuan a m³, and the volume in m³ at which the step ends; null for the last. */
  readonly tiers: readonly { readonly yuan: number; readonly toM3: number | null }[]
  /** Day of the month from which it holds; null: at once, or from an instant. */
  readonly fromDay: number | null
  /** Unix ms, whole seconds; only our own forms carry it. */
  readonly fromAt?: number
}

/**
 * What a meter on a line can be told. `permit`: a person on site may close the relay; `permit_button`: for so many seconds from when it
 * is told the button at a gas meter opens its valve. Nothing here opens a valve.
 */
export type LineOrder =
  | { readonly kind: 'close' | 'permit' | 'clock' | 'read' }
  | { readonly kind: 'permit_button'; readonly windowS: number }
  | { readonly kind: 'price'; readonly prices: PriceTable }
  | { readonly kind: 'parameter'; readonly parameter: ParameterName; readonly value: number }

/** A meter as a concentrator reaches it. */
export interface LineMeterAddress {
  readonly number: number
  readonly medium: Medium
  readonly protocol: MeterProtocol
  readonly profile: VendorProfile | undefined
}

/** What an order needs beside itself. */
export interface LineTerms {
  readonly command: number
  /** Unix ms. */
  readonly now: number
  /** Unix ms: a relay refuses the order after this. */
  readonly until: number
  /** Password and operator of DL/T 645, four bytes each; undefined when the utility has set none. */
  readonly authority: { readonly password: Uint8Array; readonly operator: Uint8Array } | undefined
}

/** Why an order cannot be said to a meter. */
export type NoForm = { readonly why: string }
