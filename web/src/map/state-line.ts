import { type Layer, LayerExtension } from '@deck.gl/core'
import type { LineLook, Rgba } from './palette.ts'

const float = (n: number) => n.toFixed(4)
export const glslColor = ([r, g, b, a]: Rgba) => `vec4(${[r, g, b, a].map((c) => float(c / 255)).join(', ')})`
export const glslArray = (type: string, items: readonly string[]) => `${type}[${items.length}](${items.join(', ')})`

/**
 * Draws each segment of a LineLayer by its state byte: colour, width and dash come from a table in the shader, so that a
 * change costs one byte. Eight looks, by state.
 */
export class StateLine extends LayerExtension<{ readonly looks: readonly LineLook[] }> {
  static override extensionName = 'StateLine'
  static override defaultProps = { getState: { type: 'accessor', value: 0 } }

  override initializeState(this: Layer): void {
    this.getAttributeManager()?.addInstanced({
      instanceStates: { size: 1, type: 'unorm8', accessor: 'getState', defaultValue: 0 },
    })
  }

  override getShaders(this: Layer, extension: this): unknown {
    const { looks } = extension.opts
    const table = (type: string, name: string, items: readonly string[]) =>
      `const ${type} ${name}[${items.length}] = ${glslArray(type, items)};`
    const index = 'int(clamp(instanceStates * 255.0 + 0.5, 0.0, 7.0))'
    return {
      inject: {
        'vs:#decl': `
          in float instanceStates;
          flat out float lineDash;
          flat out vec2 lineDirection;
          ${table(
            'vec4',
            'LINE_COLORS',
            looks.map((l) => glslColor(l.color)),
          )}
          ${table(
            'float',
            'LINE_WIDTHS',
            looks.map((l) => float(l.width)),
          )}
          ${table(
            'float',
            'LINE_DASHES',
            looks.map((l) => float(l.dash)),
          )}`,
        'vs:DECKGL_FILTER_SIZE': `size.xy *= LINE_WIDTHS[${index}];`,
        'vs:DECKGL_FILTER_COLOR': `color = LINE_COLORS[${index}]; color.a *= layer.opacity;`,
        'vs:#main-end': `
          lineDash = LINE_DASHES[${index}] * project.devicePixelRatio;
          lineDirection = normalize((target.xy / target.w - source.xy / source.w) * project.viewportSize + vec2(1e-6));`,
        'fs:#decl': 'flat in float lineDash; flat in vec2 lineDirection;',
        // Measured along the line on the screen: neighbours in one direction share the rhythm, however short they are.
        'fs:DECKGL_FILTER_COLOR': `
          if (lineDash > 0.0 && fract(dot(gl_FragCoord.xy, lineDirection) / lineDash) > 0.6) discard;`,
      },
    }
  }
}
