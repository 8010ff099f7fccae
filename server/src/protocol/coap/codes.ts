/** Message types. @source RFC 7252 §3 */
export const COAP_TYPE = { CON: 0, NON: 1, ACK: 2, RST: 3 } as const
export type CoapType = (typeof COAP_TYPE)[keyof typeof COAP_TYPE]

/** Method and response codes, class in the upper 3 bits, detail in the lower 5. @source RFC 7252 §12.1, RFC 7959 §6 */
export const COAP_CODE = {
  EMPTY: 0x00,
  GET: 0x01,
  POST: 0x02,
  PUT: 0x03,
  DELETE: 0x04,
  CREATED: 0x41,
  DELETED: 0x42,
  VALID: 0x43,
  CHANGED: 0x44,
  CONTENT: 0x45,
  CONTINUE: 0x5f,
  BAD_REQUEST: 0x80,
  UNAUTHORIZED: 0x81,
  BAD_OPTION: 0x82,
  FORBIDDEN: 0x83,
  NOT_FOUND: 0x84,
  METHOD_NOT_ALLOWED: 0x85,
  NOT_ACCEPTABLE: 0x86,
  REQUEST_ENTITY_TOO_LARGE: 0x8d,
  UNSUPPORTED_CONTENT_FORMAT: 0x8f,
  INTERNAL_SERVER_ERROR: 0xa0,
  NOT_IMPLEMENTED: 0xa1,
  SERVICE_UNAVAILABLE: 0xa3,
  PROXYING_NOT_SUPPORTED: 0xa5,
} as const

/** Option numbers; an odd number is critical. @source RFC 7252 §5.10, RFC 7641 §2, RFC 7959 §2.1 */
export const COAP_OPTION = {
  IF_MATCH: 1,
  URI_HOST: 3,
  ETAG: 4,
  IF_NONE_MATCH: 5,
  OBSERVE: 6,
  URI_PORT: 7,
  LOCATION_PATH: 8,
  URI_PATH: 11,
  CONTENT_FORMAT: 12,
  MAX_AGE: 14,
  URI_QUERY: 15,
  ACCEPT: 17,
  LOCATION_QUERY: 20,
  BLOCK2: 23,
  BLOCK1: 27,
  SIZE2: 28,
  PROXY_URI: 35,
  PROXY_SCHEME: 39,
  SIZE1: 60,
} as const

/** A code the way people write it: 0x44 is `2.04`. */
export const codeText = (code: number): string => `${code >> 5}.${String(code & 0x1f).padStart(2, '0')}`
