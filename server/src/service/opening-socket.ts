import type { Logger } from 'pino'
import type { Config } from '../config/config.ts'
import { DEFAULT_LIMITS } from '../ingest/admission.ts'
import { type CoapEndpoint, type CoapEndpointOptions, openCoapEndpoint } from '../ingest/coap-endpoint.ts'
import type { LoopLateness } from '../ingest/loop-lateness.ts'
import { COAP_CODE } from '../protocol/index.ts'
import { isForcedOffline } from '../trust/forced-offline.ts'
import type { TrustBook } from '../trust/trust-book.ts'
import { listening } from './listening.ts'

const NOT_YET = { code: COAP_CODE.SERVICE_UNAVAILABLE, answer: { maxAge: 10 } }

/** What the socket asks of the service that stands behind it. */
export type DeviceService = Pick<Required<CoapEndpointOptions>, 'serve' | 'returnAfter'>

/** Until the service stands: whoever fetches something comes again, instead of learning that it is not there. */
export const notYetStanding = (): { -readonly [Name in keyof DeviceService]: DeviceService[Name] } => ({
  serve: () => NOT_YET,
  returnAfter: () => 0,
})

export interface DeviceSocketParts {
  readonly config: Config
  readonly trust: TrustBook
  /** How late the event loop is. */
  readonly lateness: LoopLateness
  readonly secure: CoapEndpointOptions['secure']
  /** As it is at each call: the service comes after its socket. */
  readonly service: DeviceService
  /** Service clock, Unix ms. */
  readonly now: () => number
  readonly logger: Logger
}

/** Opens the socket that devices speak to. @throws UsageError CFG_INVALID when its address cannot be bound */
export function openDeviceSocket(parts: DeviceSocketParts): Promise<CoapEndpoint> {
  const { config, trust, lateness, secure, service, now, logger } = parts
  const { coapHost, coapPort, backlogLimit } = config
  return listening(
    'coapPort',
    coapHost,
    coapPort,
    openCoapEndpoint({
      ...{ family: coapHost.includes(':') ? 'udp6' : 'udp4', host: coapHost, port: coapPort, now, secure },
      wall: () => performance.now(),
      loopDelayMs: () => lateness.ms,
      serve: (message) => service.serve(message),
      returnAfter: (message) => service.returnAfter(message),
      keepAway: ({ contentFormat, payload }, address, port) =>
        isForcedOffline(trust, { contentFormat, payload, address, port }),
      limits: {
        ...DEFAULT_LIMITS,
        waiting: { residential: backlogLimit, commercial: backlogLimit * 3, alarm: backlogLimit * 10 },
      },
      warn: (message) => logger.warn(message),
    }),
  )
}
