import dgram from 'node:dgram'
import { COAP_CODE, COAP_TYPE, encodeMessage, parseMessage, pathOptions, uintOption } from '../../protocol/index.ts'

const AGAIN_MS = 1_000

/**
 * Posts to a port what anybody on that network can, again until it is answered.
 * @param resource path at the port
 * @returns code of the answer
 */
export async function shout(
  port: number,
  resource: string,
  contentFormat: number,
  payload: Uint8Array,
): Promise<number> {
  const socket = dgram.createSocket('udp4')
  const bytes = encodeMessage({
    ...{ type: COAP_TYPE.CON, code: COAP_CODE.POST, messageId: Math.floor(Math.random() * 65_536) },
    ...{ token: Uint8Array.of(7), payload, options: [...pathOptions(resource), uintOption(12, contentFormat)] },
  })
  const answered = new Promise<number>((done) => {
    socket.on('message', (answer) => {
      const message = parseMessage(answer)
      if (message.kind !== 'malformed') done(message.code)
    })
  })
  const send = () => socket.send(bytes, port, '127.0.0.1')
  send()
  const again = setInterval(send, AGAIN_MS)
  try {
    return await answered
  } finally {
    clearInterval(again)
    socket.close()
  }
}
