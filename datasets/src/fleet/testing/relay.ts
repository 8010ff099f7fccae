import dgram from 'node:dgram'

/** What a relay does with a datagram on its way: passes it on as it is, or another in its place, or loses it. */
export type Touch = (bytes: Buffer) => Uint8Array | undefined

/** Another address of the same platform: what comes there is passed on, and answers come back. */
export class Relay {
  readonly #front = dgram.createSocket('udp4')
  readonly #behind = new Map<string, dgram.Socket>()
  passed = 0
  /** On the way back. */
  touch: Touch = (bytes) => bytes

  /** @returns `host:port` */
  async open(coapPort: number): Promise<string> {
    this.#front.on('message', (bytes, { address, port }) => {
      const from = `${address}:${port}`
      const known = this.#behind.get(from)
      const back = known ?? dgram.createSocket('udp4')
      if (known === undefined) {
        this.#behind.set(from, back)
        back.on('message', (answer) => {
          const left = this.touch(answer)
          if (left !== undefined) this.#front.send(left, port, address)
        })
      }
      this.passed += 1
      back.send(bytes, coapPort, '127.0.0.1')
    })
    await new Promise<void>((resolve) => this.#front.bind(0, '127.0.0.1', resolve))
    return `127.0.0.1:${this.port}`
  }

  get port(): number {
    return this.#front.address().port
  }

  close(): void {
    this.#front.close()
    for (const socket of this.#behind.values()) socket.close()
  }
}
