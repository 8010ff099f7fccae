import { EXTENSION, extension, vector } from './client-hello.ts'
import { DTLS_1_0, DTLS_1_2 } from './record.ts'

/** Body of a HelloVerifyRequest: DTLS 1.0 whatever comes later. @source RFC 6347 §4.2.1 */
export function helloVerifyRequest(cookie: Uint8Array): Buffer {
  const version = Buffer.allocUnsafe(2)
  version.writeUInt16BE(DTLS_1_0)
  return Buffer.concat([version, vector(1, cookie)])
}

export interface ServerHelloFields {
  readonly random: Uint8Array
  readonly suite: number
  readonly extendedMasterSecret: boolean
  readonly renegotiation: boolean
  /** The connection id that records to us shall carry; undefined without the extension. */
  readonly cid: Uint8Array | undefined
}

/** Body of a ServerHello: no session is resumed, so its id is empty. @source RFC 5246 §7.4.1.3 */
export function serverHello(fields: ServerHelloFields): Buffer {
  const head = Buffer.allocUnsafe(2)
  head.writeUInt16BE(DTLS_1_2)
  const suite = Buffer.from([fields.suite >> 8, fields.suite & 0xff, 0])
  const extensions = Buffer.concat([
    ...(fields.renegotiation ? [extension(EXTENSION.renegotiation, Buffer.of(0))] : []),
    ...(fields.extendedMasterSecret ? [extension(EXTENSION.extendedMasterSecret, Buffer.alloc(0))] : []),
    ...(fields.cid === undefined ? [] : [extension(EXTENSION.connectionId, vector(1, fields.cid))]),
  ])
  const tail = extensions.length === 0 ? [] : [vector(2, extensions)]
  return Buffer.concat([head, fields.random, Buffer.of(0), suite, ...tail])
}
