import dgram from 'node:dgram'
import { once } from 'node:events'

export interface UdpAddress {
  readonly family: 'udp4' | 'udp6'
  /** IP address to bind to. */
  readonly host: string
  /** 0 lets the system choose. */
  readonly port: number
}

export interface BoundSocket {
  readonly socket: dgram.Socket
  /** Receive buffer that the system granted, bytes as asked for. */
  readonly receiveBufferBytes: number
}

/**
 * Binds a UDP socket with a receive buffer large enough to outlast a pause of the event loop.
 * @throws (rejects) the system's error when the address cannot be bound
 */
export async function bindUdp(address: UdpAddress, receiveBufferBytes: number): Promise<BoundSocket> {
  const socket = dgram.createSocket({
    type: address.family,
    recvBufferSize: receiveBufferBytes,
    // Peers are IP addresses already; the resolver's detour costs a turn of the loop for each answer.
    lookup: (host, _options, done) => done(null, host, address.family === 'udp6' ? 6 : 4),
  })
  const bound = once(socket, 'listening')
  socket.bind(address.port, address.host)
  await bound
  // Linux reports twice what it grants, the other half being for its bookkeeping.
  const granted = socket.getRecvBufferSize() / (process.platform === 'linux' ? 2 : 1)
  return { socket, receiveBufferBytes: granted }
}
