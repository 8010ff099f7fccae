// Sends one report as fast as it can from one socket: `node flood-main.mjs PORT HEX COUNT`, begun by a message of its parent.
import dgram from 'node:dgram'

const [port, hex, count] = [Number(process.argv[2]), process.argv[3], Number(process.argv[4])]
const payload = Buffer.from(hex, 'hex')
const socket = dgram.createSocket('udp4')
socket.bind(0, '127.0.0.1', () =>
  socket.connect(port, '127.0.0.1', () => process.send({ port: socket.address().port })),
)
socket.on('error', () => {})
// NON POST /r with Content-Format 65001.
const head = Buffer.from([0x50, 0x02, 0, 0, 0xb1, 0x72, 0x12, 0xfd, 0xe9, 0xff])

process.once('message', () => {
  const begun = performance.now()
  const before = process.cpuUsage()
  let sent = 0
  const turn = () => {
    for (let i = 0; i < 64 && sent < count; i++) {
      const datagram = Buffer.concat([head, payload])
      datagram.writeUInt16BE(sent & 0xffff, 2)
      sent++
      socket.send(datagram)
    }
    if (sent < count) setImmediate(turn)
    else
      setTimeout(() => {
        const { user, system } = process.cpuUsage(before)
        process.send({ seconds: (performance.now() - begun - 200) / 1000, cpu: (user + system) / 1e6 })
        socket.close()
      }, 200)
  }
  turn()
})
