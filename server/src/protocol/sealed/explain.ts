import { malformed } from '../bytes/malformed.ts'
import { type Explanation, FieldList } from '../report/explanation.ts'
import { openMessage, peekSealed } from './sealed-message.ts'

const FORMAT = 'sealed message'

/**
 * A sealed message field by field; what is inside stands with the cipher text.
 * @param key of the session, where it is known
 * @param inside explains what is sealed
 */
export function explainSealed(
  bytes: Uint8Array,
  key: Uint8Array | undefined,
  inside: (contentFormat: number, payload: Uint8Array) => Explanation | undefined,
): Explanation {
  const list = new FieldList(bytes)
  const header = peekSealed(bytes)
  if (header === undefined) return list.fail(FORMAT, malformed('bad-start', 0, 'this is no sealed message'))
  const opened = key && openMessage(key, bytes)
  const content = opened && inside(opened.contentFormat, opened.payload)
  const words = content?.fields.map(({ name, meaning }) => `${name}: ${meaning}`).join(' · ')
  list.take(3, 'mark', 'GS, version 1')
  list.take(1, 'kind', header.kind)
  list.take(6, 'concentrator', String(header.device))
  list.take(6, 'counter', String(header.counter))
  list.take(2, 'content format', header.contentFormat < 0 ? 'nothing inside' : String(header.contentFormat))
  list.takeTo(bytes.length - 16, 'cipher text', words ?? (opened ? 'nothing of ours' : 'no key opens it'))
  list.takeTo(bytes.length, 'integrity', opened ? 'holds' : 'not checked')
  return { format: content === undefined ? FORMAT : `${FORMAT}, ${content.format}`, fields: list.fields }
}
