import { crc32 } from 'node:zlib'

/**
 * Disk format of a segment: blocks one after the other, nothing between them. All numbers little endian.
 *
 * Block = one group commit:
 * ```
 *  0  u32  magic "GTLB"
 *  4  u16  format version, 1
 *  6  u16  header length, 40
 *  8  8 B  log id, random per log: bytes in a payload cannot pass for a block of this log
 * 16  u64  position of the first record
 * 24  u32  number of records, ≥ 1
 * 28  u32  body length
 * 32  u32  CRC-32 of the body
 * 36  u32  CRC-32 of bytes 0…35
 * 40  body: records
 * ```
 * Record: `u32` body length, `u8` kind, `f64` receivedAt (Unix ms), body.
 *
 * A segment is named by the position of its first record in 20 digits. Beside the segments lies the file `durable`, see
 * `durable-mark.ts`.
 */
const MAGIC = 0x424c5447
const VERSION = 1
export const BLOCK_HEADER_BYTES = 40
export const RECORD_HEADER_BYTES = 13
export const LOG_ID_BYTES = 8

export interface BlockHeader {
  /** Position of the first record. */
  readonly position: number
  readonly records: number
  /** Body length, bytes. */
  readonly bodyBytes: number
  readonly bodyCrc: number
  readonly logId: Buffer
}

/** Writes the header of a block whose body already stands in `block` after the header's room. */
export function sealBlock(block: Buffer, bodyBytes: number, position: number, records: number, logId: Buffer): void {
  block.writeUInt32LE(MAGIC, 0)
  block.writeUInt16LE(VERSION, 4)
  block.writeUInt16LE(BLOCK_HEADER_BYTES, 6)
  logId.copy(block, 8)
  writePosition(block, position, 16)
  block.writeUInt32LE(records, 24)
  block.writeUInt32LE(bodyBytes, 28)
  block.writeUInt32LE(crc32(block.subarray(BLOCK_HEADER_BYTES, BLOCK_HEADER_BYTES + bodyBytes)), 32)
  block.writeUInt32LE(crc32(block.subarray(0, 36)), 36)
}

/** Header at `at`, or undefined when there is none: too short, wrong magic, version or checksum. */
export function readBlockHeader(bytes: Buffer, at: number): BlockHeader | undefined {
  if (at + BLOCK_HEADER_BYTES > bytes.length || bytes.readUInt32LE(at) !== MAGIC) return undefined
  if (bytes.readUInt16LE(at + 4) !== VERSION || bytes.readUInt16LE(at + 6) !== BLOCK_HEADER_BYTES) return undefined
  if (bytes.readUInt32LE(at + 36) !== crc32(bytes.subarray(at, at + 36))) return undefined
  return {
    position: readPosition(bytes, at + 16),
    records: bytes.readUInt32LE(at + 24),
    bodyBytes: bytes.readUInt32LE(at + 28),
    bodyCrc: bytes.readUInt32LE(at + 32),
    logId: bytes.subarray(at + 8, at + 8 + LOG_ID_BYTES),
  }
}

/** Offset of the next four magic bytes at or after `from`, or −1. */
export function findMagic(bytes: Buffer, from: number): number {
  return bytes.indexOf('GTLB', from, 'latin1')
}

/** Positions stay below 2^53, so two halves suffice and no BigInt is made. */
export function writePosition(bytes: Buffer, position: number, at: number): void {
  bytes.writeUInt32LE(position >>> 0, at)
  bytes.writeUInt32LE(Math.floor(position / 2 ** 32), at + 4)
}

export function readPosition(bytes: Buffer, at: number): number {
  return bytes.readUInt32LE(at) + bytes.readUInt32LE(at + 4) * 2 ** 32
}
