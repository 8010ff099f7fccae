import type { DatagramResource } from '../log/datagram-entry.ts'
import type { CoapMessage } from '../protocol/index.ts'
import type { Priority } from './admission.ts'
import type { Proven } from './secure-link.ts'

/** A request that came in, passed every rule and waits for its answer. */
export interface InboundRequest {
  /** Unix ms of the service's clock. */
  readonly receivedAt: number
  /** Source IP address. */
  readonly address: string
  readonly port: number
  readonly resource: DatagramResource
  readonly priority: Priority
  /** −1 when the request names none. */
  readonly contentFormat: number
  /** Owned by the request: the socket gives each datagram memory of its own. */
  readonly payload: Uint8Array
  /** Whether the device repeats it until it is acknowledged. */
  readonly confirmable: boolean
  /** The message with id, token and the remaining options. */
  readonly message: CoapMessage
  /** Number of the exchange in the endpoint. */
  readonly exchange: number
  /** Over a secure link: who has proven to speak, and the association by which it is answered. */
  readonly proven?: Proven
  readonly association?: number
}
