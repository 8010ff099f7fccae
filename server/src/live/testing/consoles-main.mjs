// Many consoles in one process: each signs in over a WebSocket of its own and takes every map frame of the meters' layer.
// Arguments: URL, token, number of consoles. Sends `{ ready }` to its parent when all were welcomed; when told `begin` it counts,
// when told `end` it sends frames, bytes, missed frames, and quantiles of the frames' age on arrival (ms).
import { WebSocket } from 'ws'

const METERS_LAYER = 1
const [url, token, count] = process.argv.slice(2)
let counting = false
let frames = 0
let bytes = 0
let missed = 0
let ages = []

function listen(url) {
  const socket = new WebSocket(url, { perMessageDeflate: false })
  let last = -1
  socket.on('open', () => socket.send(JSON.stringify({ type: 'hello', token, version: '1' })))
  return new Promise((welcomed, failed) => {
    socket.on('error', failed)
    socket.on('close', () => failed(new Error('closed by the server')))
    socket.on('message', (data, binary) => {
      if (!binary) {
        if (JSON.parse(data).type === 'welcome') welcomed()
        return
      }
      if (data[5] !== METERS_LAYER) return
      // Sequence and time of a GMD1 frame.
      const sequence = data.readUInt32LE(12)
      if (last >= 0 && sequence !== last + 1) missed++
      last = sequence
      if (!counting) return
      frames++
      bytes += data.length
      ages.push(Date.now() - data.readDoubleLE(16))
    })
  })
}

await Promise.all(Array.from({ length: Number(count) }, () => listen(url)))
process.on('message', (word) => {
  counting = word === 'begin'
  if (word !== 'end') return
  const sorted = Float64Array.from(ages).sort()
  const quantile = (q) => sorted[Math.floor(q * (sorted.length - 1))] ?? -1
  process.send({ frames, bytes, missed, ageP50: quantile(0.5), ageP99: quantile(0.99) })
  frames = bytes = missed = 0
  ages = []
})
process.once('disconnect', () => process.exit(0))
process.send({ ready: true })
