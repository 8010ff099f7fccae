export { PskClient } from '../dtls/psk-client.ts'
export { type Certificate, decodeCertificate, encodeCertificate, issueCertificate } from '../identity/certificate.ts'
export { type ContactMessage, confirmation, decodeContact, encodeContact } from '../identity/contact-message.ts'
export {
  decodeSignedFirmware,
  type FirmwareManifest,
  refuseImage,
  refuseSigned,
  signFirmware,
} from '../identity/firmware-package.ts'
export { type Contact, proveContact, refuseContact } from '../identity/first-contact.ts'
export { NONCE_BYTES, sessionKey, transportKey } from '../identity/session-key.ts'
export { keyPairOf, newKeyPair, type Sm2KeyPair } from '../identity/sm2.ts'
export { type Address, BROADCAST, isFor, WILDCARD } from './bytes/address.ts'
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
export { decodeDataField as decodeCjt188Data } from './cjt188/decode.ts'
export { encodeDataField as encodeCjt188Data } from './cjt188/encode.ts'
export { encodeFrame as encodeCjt188Frame, type FoundFrame as Cjt188Frame } from './cjt188/frame.ts'
export { layoutsOf as cjt188Layouts } from './cjt188/layouts.table.ts'
export { scanFrames as scanCjt188Frames } from './cjt188/scan.ts'
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
export { decodeDataField as decodeDlt645Data } from './dlt645/decode.ts'
export {
  encodeReadAnswer as encodeDlt645ReadAnswer,
  encodeReadRequest as encodeDlt645ReadRequest,
  encodeRelayOrder as encodeDlt645RelayOrder,
  type RelayOrder,
} from './dlt645/encode.ts'
export { encodeFrame as encodeDlt645Frame } from './dlt645/frame.ts'
export { scanFrames as scanDlt645Frames } from './dlt645/scan.ts'
export { type ExplainOptions, explainFrame, explainPayload } from './explain.ts'
export { checkProfile } from './profile/check-profile.ts'
export type { ProfileMistake } from './profile/checker.ts'
export type { MessagePolicy, VendorProfile } from './profile/vendor-profile.ts'
export { siValue } from './record/si-value.ts'
export type { StatusProfile } from './record/status-word.ts'
export { type FieldContent, makeRecord } from './record/write-record.ts'
export {
  CONNECTION_SETTINGS,
  type ConnectionSetting,
  commandOfForm,
  type DeviceAnswer,
  type QueuedCommand,
} from './report/answer.ts'
export { type AnswerForms, answerForms, commandIdBits, decodeAnswer, encodeAnswer } from './report/answer-codec.ts'
export { decodeReport } from './report/decode-report.ts'
export { encodeReport } from './report/encode-report.ts'
export type { ExplainedField, Explanation } from './report/explanation.ts'
export type { LineMeterAddress, LineOrder, LineTerms, PriceTable } from './report/line-order.ts'
export { encodeLineOrder, readLineAnswer } from './report/line-order-codec.ts'
export { CONTENT_FORMAT, type DeviceLookup } from './report/lookup.ts'
export { peekDevice, peekKind, peekTrigger } from './report/peek.ts'
export {
  type OpenedMessage,
  openMessage,
  peekSealed,
  SEAL_BYTES,
  SEALED_KINDS,
  type SealedHeader,
  sealMessage,
} from './sealed/sealed-message.ts'
export { deviceKey } from './sm4/keys.ts'
