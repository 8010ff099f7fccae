export { fromHex, toHex } from './bytes/hex.ts'
export { COAP_CODE, COAP_OPTION, COAP_TYPE, type CoapType, codeText } from './coap/codes.ts'
export {
  type AnswerToSend,
  encodeEmptyAck,
  encodeMessage,
  encodeReply,
  encodeReset,
  type MessageToSend,
  resetFor,
} from './coap/encode-message.ts'
export { type CoapMessage, parseMessage } from './coap/message.ts'
export {
  type Block,
  type CoapOption,
  pathOptions,
  readBlock,
  readOptions,
  textOption,
  uintOption,
} from './coap/options.ts'
