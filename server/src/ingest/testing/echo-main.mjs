// A bare UDP echo in Node, for machines without a C compiler.
import { createSocket } from 'node:dgram'

const socket = createSocket({
  type: 'udp4',
  recvBufferSize: 4 << 20,
  lookup: (host, _options, done) => done(null, host, 4),
})
socket.on('message', (bytes, from) => socket.send(bytes, from.port, from.address))
socket.bind(0, '127.0.0.1', () => process.send({ port: socket.address().port }))
process.once('disconnect', () => process.exit(0))
