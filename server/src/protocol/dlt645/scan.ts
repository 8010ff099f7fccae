import type { Malformed } from '@gastwin/twin'
import { scanWith } from '../bytes/scan-frames.ts'
import { type FoundFrame, readFrame } from './frame.ts'

/** All DL/T 645 frames of a complete buffer; bytes that are no frame give one `Malformed` per run. */
export const scanFrames = (bytes: Uint8Array): (FoundFrame | Malformed)[] => scanWith(bytes, readFrame)
