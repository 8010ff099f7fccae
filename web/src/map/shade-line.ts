import { type Layer, LayerExtension } from '@deck.gl/core'
import { PIPE_STATE } from '@gastwin/server/contract'
import { INK, type Rgba, rgba } from './palette.ts'
import { glslArray, glslColor } from './state-line.ts'

/** How shade bytes look: 0 has no value, 1 … 255 run over the ramp. */
export interface ShadeLook {
  /** From the low end of the scale to the high one, evenly spaced. */
  readonly ramp: readonly Rgba[]
  /** Factor on the width of a normal pipe, at the low and the high end. */
  readonly widths: readonly [low: number, high: number]
  /** From this byte on the line is dashed: a class that must not depend on colour. */
  readonly dashFrom?: number
}

/**
 * Draws each segment of a LineLayer by its shade byte. Isolated pipes keep their look in every mode: what is shut off has
 * neither pressure nor flow to show.
 */
export class ShadeLine extends LayerExtension<ShadeLook> {
  static override extensionName = 'ShadeLine'
  static override defaultProps = {
    getState: { type: 'accessor', value: 0 },
    getShade: { type: 'accessor', value: 0 },
  }

  override initializeState(this: Layer): void {
    this.getAttributeManager()?.addInstanced({
      instanceStates: { size: 1, type: 'unorm8', accessor: 'getState', defaultValue: 0 },
      instanceShades: { size: 1, type: 'unorm8', accessor: 'getShade', defaultValue: 0 },
    })
  }

  override getShaders(this: Layer, extension: this): unknown {
    const { ramp, widths, dashFrom = 256 } = extension.opts
    const n = ramp.length
    return {
      inject: {
        'vs:#decl': `
          in float instanceStates;
          in float instanceShades;
          flat out float lineDash;
          flat out vec2 lineDirection;
          const vec4 RAMP[${n}] = ${glslArray('vec4', ramp.map(glslColor))};
          bool isolatedLine() { return int(instanceStates * 255.0 + 0.5) == ${PIPE_STATE.isolated}; }
          bool blankLine() { return instanceShades * 255.0 < 0.5; }
          float shadeShare() { return clamp((instanceShades * 255.0 - 1.0) / 254.0, 0.0, 1.0); }
          vec4 shadeColor() {
            float at = shadeShare() * ${(n - 1).toFixed(1)};
            int i = min(int(at), ${n - 2});
            return mix(RAMP[i], RAMP[i + 1], at - float(i));
          }`,
        'vs:DECKGL_FILTER_SIZE': `
          size.xy *= isolatedLine() ? 2.0 : blankLine() ? 0.9 : mix(${widths[0].toFixed(2)}, ${widths[1].toFixed(2)}, shadeShare());`,
        'vs:DECKGL_FILTER_COLOR': `
          color = isolatedLine() ? ${glslColor(rgba(INK.plan))} : blankLine() ? ${glslColor(rgba(INK.unknown))} : shadeColor();
          color.a *= layer.opacity;`,
        'vs:#main-end': `
          lineDash = (isolatedLine() ? 10.0 : blankLine() ? 7.0 : instanceShades * 255.0 > ${dashFrom.toFixed(1)} ? 9.0 : 0.0)
            * project.devicePixelRatio;
          lineDirection = normalize((target.xy / target.w - source.xy / source.w) * project.viewportSize + vec2(1e-6));`,
        'fs:#decl': 'flat in float lineDash; flat in vec2 lineDirection;',
        'fs:DECKGL_FILTER_COLOR': `
          if (lineDash > 0.0 && fract(dot(gl_FragCoord.xy, lineDirection) / lineDash) > 0.6) discard;`,
      },
    }
  }
}
