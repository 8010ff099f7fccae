/** Whom a transport has proven to speak: an identity with a key of its own, and the devices it may speak for. */
export interface Proven {
  readonly identity: string
  readonly devices: readonly number[]
}

/** Where a datagram comes from and its answer goes. */
export interface Peer {
  readonly address: string
  readonly port: number
}

/** … over a transport with proven identities. */
export interface SecurePeer extends Peer {
  /** Number of the association, by which it is answered wherever the peer is by then. */
  readonly association: number
  readonly proven: Proven
}

/** A transport that brings CoAP messages of proven peers and takes their answers. */
export interface SecureLink {
  /** Who takes what comes; the bytes are his to keep. */
  listen(take: (bytes: Buffer, peer: SecurePeer) => void): void
  send(association: number, bytes: Uint8Array): void
}

export const isSecure = (peer: Peer): peer is SecurePeer => (peer as Partial<SecurePeer>).association !== undefined
