import { type Layer, LayerExtension } from '@deck.gl/core'
import { SHAPES, type SymbolLook } from './palette.ts'
import { glslArray, glslColor } from './state-line.ts'

/** Signed fields of the shapes, in the unit square with y upwards: above 0 is inside; about one unit per radius. */
const SHAPE_FIELDS = `
  float boxField(vec2 p, float r) { return r - max(abs(p.x), abs(p.y)); }
  float triangleField(vec2 p) { return min(p.y + 0.6, 0.5 * (0.95 - p.y) - 0.87 * abs(p.x) + 0.12); }
  float crossField(vec2 p) {
    vec2 q = abs(vec2(p.x + p.y, p.x - p.y)) * 0.7071;
    return max(min(0.24 - q.x, 0.95 - q.y), min(0.24 - q.y, 0.95 - q.x));
  }
  float bowField(vec2 p) { return min(0.92 - abs(p.x), 0.68 * abs(p.x) + 0.06 - abs(p.y)); }
  float hexagonField(vec2 p) { vec2 q = abs(p); return 0.88 - max(q.x * 0.866 + q.y * 0.5, q.y); }
  float hollow(float field, float width) { return min(field, width - field); }
  float symbolField(int shape, vec2 p, float px) {
    float line = 1.7 * px;
    if (shape == ${SHAPES.dot}) return 0.8 - length(p);
    if (shape == ${SHAPES.ring}) return hollow(0.85 - length(p), line);
    if (shape == ${SHAPES.square}) return hollow(boxField(p, 0.7), line);
    if (shape == ${SHAPES.squareFilled}) return boxField(p, 0.66);
    if (shape == ${SHAPES.triangleUp}) return triangleField(p);
    if (shape == ${SHAPES.triangleDown}) return triangleField(vec2(p.x, -p.y));
    if (shape == ${SHAPES.cross}) return crossField(p);
    if (shape == ${SHAPES.valve}) return hollow(bowField(p), line);
    if (shape == ${SHAPES.valveFilled}) return bowField(p);
    if (shape == ${SHAPES.remoteValve}) return max(hollow(bowField(p * 1.08 + vec2(0.0, 0.18)), line), 0.32 - length(p - vec2(0.0, 0.58)));
    if (shape == ${SHAPES.remoteValveFilled}) return max(bowField(p * 1.08 + vec2(0.0, 0.18)), 0.32 - length(p - vec2(0.0, 0.58)));
    if (shape == ${SHAPES.hexagon}) return hollow(hexagonField(p), line * 1.2);
    if (shape == ${SHAPES.hexagonFilled}) return hexagonField(p);
    return -1.0;
  }`

/**
 * Draws each point of a ScatterplotLayer as the symbol of its kind and state byte, on a dark rim that lifts it off the pipes.
 * `looks` per kind (attribute `getKind`), eight states each.
 */
export class StateSymbol extends LayerExtension<{ readonly looks: readonly (readonly SymbolLook[])[] }> {
  static override extensionName = 'StateSymbol'
  static override defaultProps = {
    getState: { type: 'accessor', value: 0 },
    getKind: { type: 'accessor', value: 0 },
  }

  override initializeState(this: Layer): void {
    this.getAttributeManager()?.addInstanced({
      instanceStates: { size: 1, type: 'unorm8', accessor: 'getState', defaultValue: 0 },
      instanceKinds: { size: 1, type: 'unorm8', accessor: 'getKind', defaultValue: 0 },
    })
  }

  override getShaders(this: Layer, extension: this): unknown {
    const looks = extension.opts.looks.flat()
    const index = `int(clamp(instanceKinds * 255.0 + 0.5, 0.0, ${extension.opts.looks.length - 1}.0)) * 8 + int(clamp(instanceStates * 255.0 + 0.5, 0.0, 7.0))`
    return {
      inject: {
        'vs:#decl': `
          in float instanceStates;
          in float instanceKinds;
          flat out int symbolShape;
          const vec4 SYMBOL_COLORS[${looks.length}] = ${glslArray(
            'vec4',
            looks.map((l) => glslColor(l.color)),
          )};
          const int SYMBOL_SHAPES[${looks.length}] = ${glslArray(
            'int',
            looks.map((l) => String(SHAPES[l.shape])),
          )};`,
        'vs:DECKGL_FILTER_COLOR': `color = SYMBOL_COLORS[${index}]; color.a *= layer.opacity;`,
        'vs:#main-end': `symbolShape = SYMBOL_SHAPES[${index}];`,
        'fs:#decl': `flat in int symbolShape; ${SHAPE_FIELDS}`,
        'fs:DECKGL_FILTER_COLOR': `
          vec2 p = geometry.uv;
          float px = fwidth(p.x);
          float field = symbolField(symbolShape, p, px);
          float body = smoothstep(-0.5 * px, 0.5 * px, field);
          float rim = smoothstep(-2.0 * px, -1.0 * px, field);
          color = vec4(mix(vec3(0.137, 0.153, 0.169), color.rgb, body), color.a * max(body, rim * 0.85));
          if (color.a < 0.01) discard;`,
      },
    }
  }
}
