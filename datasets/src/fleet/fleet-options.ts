import type { ClockPlan, NetworkDocument } from '@gastwin/twin'
import type { CityTruth } from '../city/city-truth.ts'
import type { DeviceIdentities } from './devices/device-identity.ts'
import type { SecureIdentity } from './radio/secure-uplink.ts'

export interface FleetOptions {
  readonly document: NetworkDocument
  readonly truth: CityTruth
  /** Where the service listens for CoAP. */
  readonly host: string
  readonly port: number
  readonly plan: ClockPlan
  readonly scenario: string
  readonly seed: number
  readonly masterKey: Uint8Array
  /** Meters that make a first contact with a certificate. */
  readonly identities?: DeviceIdentities
  /** Meters that speak DTLS, by number, with where the service listens for it. */
  readonly secure?: {
    readonly host: string
    readonly port: number
    readonly identities: ReadonlyMap<number, SecureIdentity>
  }
  /** Sockets shared by all meters and RTUs. */
  readonly sockets?: number
  /** Probability that a datagram is lost, each way; default 0.004. */
  readonly loss?: number
  /** Probability that a datagram arrives twice; default 0.002. */
  readonly repeat?: number
  /** No concentrator loses its uplink, and no meter behind one dies: what is tried takes as long as the machine wants. */
  readonly steadyConcentrators?: boolean
  /** Told when something of the scenario happens. */
  readonly onTruth?: (event: Readonly<Record<string, unknown>>) => void
  /** Wall clock, Unix ms. */
  readonly wall?: () => number
}
