export { fromHex, toHex } from './bytes/hex.ts'
export {
  decodeValveReply,
  decodeValveRequest,
  encodeValveReply,
  encodeValveRequest,
  type ValveOperation,
  type ValveReply,
  type ValveRequest,
} from './cbor/valve-message.ts'
export { type CipherProfile, GASTWIN_CIPHER } from './cjt188/cipher.ts'
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
export { type ExplainOptions, explainFrame } from './explain.ts'
export { checkProfile } from './profile/check-profile.ts'
export type { ProfileMistake } from './profile/checker.ts'
export type { VendorProfile } from './profile/vendor-profile.ts'
export type { StatusProfile } from './record/status-word.ts'
export { type DeviceAnswer, PARAMETERS, type ParameterName, type QueuedCommand } from './report/answer.ts'
export { decodeAnswer, encodeAnswer } from './report/answer-codec.ts'
export { decodeReport } from './report/decode-report.ts'
export { encodeReport } from './report/encode-report.ts'
export type { ExplainedField, Explanation } from './report/explanation.ts'
export { CONTENT_FORMAT, type DeviceLookup } from './report/lookup.ts'
export { peekDevice, peekTrigger } from './report/peek.ts'
export { deviceKey } from './sm4/keys.ts'
