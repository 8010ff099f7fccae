/** Shape and digit carry the priority; colour only repeats it. Drawn in a box of 24. */
export const ALARM_SHAPES: Readonly<Record<number, { readonly path: string; readonly digitY: number }>> = {
  1: { path: 'M12 0.8 L23.2 12 L12 23.2 L0.8 12 Z', digitY: 16.4 },
  2: { path: 'M12 1.5 L23 21.5 L1 21.5 Z', digitY: 19 },
  3: { path: 'M2.5 2.5 H21.5 V21.5 H2.5 Z', digitY: 16.6 },
  4: { path: 'M12 1.5 A10.5 10.5 0 1 1 11.99 1.5 Z', digitY: 16.4 },
}

export interface AlarmLook {
  readonly priority: number
  /** Cleared but not acknowledged: an outline. */
  readonly hollow: boolean
  /** Not acknowledged: a ring blinks around the steady symbol. */
  readonly ring: boolean
}

export function AlarmSymbol({ look, size = 22 }: { readonly look: AlarmLook; readonly size?: number }) {
  const { path, digitY } = ALARM_SHAPES[look.priority] ?? { path: '', digitY: 16 }
  return (
    <svg
      className={`alarm-symbol p${look.priority}${look.hollow ? ' hollow' : ''}`}
      width={size}
      height={size}
      viewBox="-5 -5 34 34"
      aria-hidden="true"
    >
      {look.ring ? <circle className="ring" cx="12" cy="12" r="15" /> : null}
      <path d={path} />
      <text x="12" y={digitY} textAnchor="middle">
        {look.priority}
      </text>
    </svg>
  )
}

/** The same symbol as markup, for the map's overlay, which React does not draw. */
export function alarmSymbolMarkup({ priority, hollow, ring }: AlarmLook, size: number): string {
  const { path, digitY } = ALARM_SHAPES[priority] ?? { path: '', digitY: 16 }
  const circle = ring ? '<circle class="ring" cx="12" cy="12" r="15"/>' : ''
  return `<svg class="alarm-symbol p${priority}${hollow ? ' hollow' : ''}" width="${size}" height="${size}" viewBox="-5 -5 34 34">${circle}<path d="${path}"/><text x="12" y="${digitY}" text-anchor="middle">${priority}</text></svg>`
}
