import { toHex } from '../bytes/hex.ts'
import { type Explanation, FieldList } from '../report/explanation.ts'
import { COAP_CODE, COAP_OPTION, codeText } from './codes.ts'
import { parseMessage } from './message.ts'
import { type CoapOption, readBlock, readOptions, readUint } from './options.ts'

const TYPES = ['CON, wants an acknowledgement', 'NON, wants none', 'ACK, acknowledgement', 'RST, reset'] as const
const wordsOf = (table: Readonly<Record<string, number>>) =>
  new Map(Object.entries(table).map(([word, number]) => [number, word.toLowerCase().replaceAll('_', ' ')]))
const CODES = wordsOf(COAP_CODE)
const OPTIONS = wordsOf(COAP_OPTION)
const TEXTS: readonly number[] = [
  COAP_OPTION.URI_HOST,
  COAP_OPTION.URI_PATH,
  COAP_OPTION.URI_QUERY,
  COAP_OPTION.LOCATION_PATH,
  COAP_OPTION.LOCATION_QUERY,
  COAP_OPTION.PROXY_URI,
  COAP_OPTION.PROXY_SCHEME,
]
const OPAQUE: readonly number[] = [COAP_OPTION.IF_MATCH, COAP_OPTION.ETAG]

/** A CoAP datagram field by field; the payload is one field. */
export function explainCoap(bytes: Uint8Array): Explanation {
  const list = new FieldList(bytes)
  const message = parseMessage(bytes)
  if (message.kind === 'malformed') return list.fail('CoAP', message)
  const { type, code, token, payload } = message
  list.take(1, 'version, type, token length', `version 1, ${TYPES[type]}, token of ${token.length} bytes`)
  list.take(1, 'code', `${codeText(code)} ${CODES.get(code) ?? ''}`.trim())
  list.take(2, 'message id', String(message.messageId))
  list.take(token.length, 'token', 'echoed in the answer')
  for (const option of readOptions(message)) {
    const end = option.value.byteOffset - bytes.byteOffset + option.value.length
    list.takeTo(end, `option ${option.number}${option.number % 2 === 1 ? ', critical' : ''}`, optionText(option))
  }
  if (payload.length > 0) {
    list.take(1, 'payload marker', 'the payload follows')
    list.take(payload.length, 'payload', `${payload.length} bytes`)
  }
  return { format: 'CoAP', fields: list.fields }
}

function optionText({ number, value }: CoapOption): string {
  const name = OPTIONS.get(number) ?? 'not known'
  if (TEXTS.includes(number)) return `${name}: ${new TextDecoder().decode(value)}`
  if (OPAQUE.includes(number) || !OPTIONS.has(number) || value.length > 4) return `${name}: ${toHex(value)}`
  const uint = readUint(value, 0, value.length)
  if (number !== COAP_OPTION.BLOCK1 && number !== COAP_OPTION.BLOCK2) return `${name}: ${uint}`
  const block = readBlock(uint)
  return `${name}: number ${block.number}, size ${block.size ?? 'reserved'}, ${block.more ? 'more follow' : 'the last'}`
}
