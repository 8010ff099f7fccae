import type { FitReference } from './model-fit.ts'
import type { UsualUseModel } from './usual-use-container.ts'
import { UsualUseNet, WEIGHTS } from './usual-use-net.ts'
import { USUAL_USE_WEIGHTS } from './usual-use-weights.generated.ts'

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

let loaded: UsualUseNet | undefined

/** How the model that comes with the program fared on invented customers it was not trained on. @source `npm run bench -- lowflow-train --fit yes` */
const SHIPPED_FIT: FitReference = {
  places: [0.079, 0.0997, 0.1161, 0.1197, 0.1166, 0.1089, 0.0893, 0.0858, 0.0907, 0.0943],
  surprise: 2.279,
}

/** The model that comes with the program, with what it showed at its training. */
export const shippedUsualUse = (): UsualUseModel => ({ net: usualUseModel(), reference: SHIPPED_FIT })

/** The model of usual use that comes with the program. */
export function usualUseModel(): UsualUseNet {
  loaded ??= new UsualUseNet(floatsOf(USUAL_USE_WEIGHTS))
  return loaded
}

/** 32-bit floats, little endian, from base64. */
function floatsOf(text: string): Float32Array {
  const view = new DataView(new ArrayBuffer(4 * WEIGHTS))
  let bits = 0
  let held = 0
  let at = 0
  for (const letter of text) {
    const value = LETTERS.indexOf(letter)
    if (value < 0) break
    bits = ((bits << 6) | value) & 0xffffff
    held += 6
    if (held < 8) continue
    held -= 8
    if (at < view.byteLength) view.setUint8(at, (bits >> held) & 0xff)
    at += 1
  }
  if (at !== view.byteLength) throw new RangeError(`model has ${at} bytes, expected ${view.byteLength}`)
  return Float32Array.from({ length: WEIGHTS }, (_, i) => view.getFloat32(4 * i, true))
}
