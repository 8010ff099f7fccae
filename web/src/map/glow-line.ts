import { type Layer, LayerExtension } from '@deck.gl/core'

/** Makes a wide line of a LineLayer a glow: bright along its middle, nothing at its edges. */
export class GlowLine extends LayerExtension {
  static override extensionName = 'GlowLine'

  override getShaders(this: Layer): unknown {
    return {
      inject: {
        'fs:DECKGL_FILTER_COLOR': 'float fade = 1.0 - min(1.0, abs(geometry.uv.y)); color.a *= fade * fade;',
      },
    }
  }
}
