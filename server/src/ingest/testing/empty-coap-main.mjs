// The npm `coap` server with a handler that does nothing but answer 2.04: what a service built on it could reach at best.
import coap from 'coap'

// Its own table of duplicates keeps about 4 KB for each request for four minutes; bounded, it does at least not run out of memory.
const server = coap.createServer({ type: 'udp4', cacheSize: 65_536 }, (_request, response) => {
  response.code = '2.04'
  response.end()
})
server.listen(0, '127.0.0.1', () => process.send({ port: server._sock.address().port }))
process.once('disconnect', () => process.exit(0))
