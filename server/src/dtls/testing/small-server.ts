import type { Association } from '../association.ts'
import { DTLS_LIMITS, type DtlsLimits } from '../dtls-limits.ts'
import { DtlsServer } from '../dtls-server.ts'
import type { PskClient } from '../psk-client.ts'
import { type PskEntry, PskTable } from '../psk-table.ts'

export const KEY = Buffer.from('000102030405060708090a0b0c0d0e0f', 'hex')
export const METER: PskEntry = { identity: 'meter-1', key: KEY, devices: [181_702_000_027], only: false, legacy: false }

export interface Sent {
  readonly bytes: Buffer
  readonly address: string
  readonly port: number
}

/** A server without a socket, and what it did. */
export class SmallServer {
  readonly server: DtlsServer
  readonly sent: Sent[] = []
  readonly received: { readonly number: number; readonly content: string }[] = []
  readonly opened: { readonly number: number; readonly association: Association }[] = []
  readonly closed: number[] = []
  readonly moved: string[] = []
  readonly wrongKeys: string[] = []
  /** Monotonic ms. */
  now = 1_000_000

  constructor(entries: readonly PskEntry[] = [METER], limits: Partial<DtlsLimits> = {}) {
    this.server = new DtlsServer(
      new PskTable(entries),
      {
        send: (bytes, address, port) => this.sent.push({ bytes, address, port }),
        opened: (number, association) => this.opened.push({ number, association }),
        moved: (_, { address, port }) => this.moved.push(`${address}:${port}`),
        received: (number, content) => this.received.push({ number, content: content.toString('latin1') }),
        closed: (number) => this.closed.push(number),
        wrongKey: (identity) => this.wrongKeys.push(identity),
      },
      { ...DTLS_LIMITS, ...limits },
    )
  }

  /** Datagrams to the server. @returns what it sent meanwhile */
  hear(datagrams: readonly Buffer[], address = '10.0.0.1', port = 4_000): Buffer[] {
    const before = this.sent.length
    for (const datagram of datagrams) this.server.receive(datagram, address, port, this.now)
    return this.sent.slice(before).map(({ bytes }) => bytes)
  }

  /** Both talk until neither has anything to say. @param lose whether a datagram is lost on its way */
  talk(client: PskClient, first: readonly Buffer[], address?: string, port?: number): void {
    for (let out = first; out.length > 0; ) out = this.hear(out, address, port).flatMap((bytes) => client.hear(bytes))
  }

  connect(client: PskClient, address?: string, port?: number): number {
    this.talk(client, client.hello(), address, port)
    const last = this.opened.at(-1)
    if (!client.established || last === undefined) throw new Error('no association')
    return last.number
  }
}
