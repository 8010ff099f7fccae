import type { ReactNode } from 'react'
import { AlarmSymbol } from '../alarms/symbol.tsx'
import { useConsole } from '../app/console-model.ts'
import type { PipeScales } from '../estimate/pipe-scales.ts'
import { printNumber } from '../format/numbers.ts'
import { glows } from '../leaks/leak-facts.ts'
import { useSlice, useStore } from '../state/store.ts'
import { useText } from '../text/use-text.ts'
import { ModeLegend } from './mode-legend.tsx'
import { ZOOM } from './network-layers.ts'
import {
  GATE_LOOKS,
  type LineLook,
  MANUAL_VALVE_LOOKS,
  METER_LOOKS,
  PIPE_LOOKS,
  REGULATOR_LOOKS,
  REMOTE_VALVE_LOOKS,
  type Rgba,
  RTU_LOOKS,
  type SymbolLook,
} from './palette.ts'

interface LegendProps {
  readonly zoom: number
  readonly scales: PipeScales | undefined
  readonly onShow: (lon: number, lat: number) => void
}

/** Every class that can be on the map at this zoom, beside the map and never over it. */
export function Legend({ zoom, scales, onShow }: LegendProps) {
  const t = useText()
  const { city, plan, mode: chosenMode, leaks } = useConsole()
  const mode = useStore(chosenMode)
  const glow = useSlice(leaks, (all) => all?.some(glows) === true)
  const tolerance = useSlice(city, (c) => c?.gap_tolerance_rate ?? 0.03)
  const planShown = useSlice(plan, (p) => p?.phase === 'ready')
  const band = printNumber(tolerance * 100, (tolerance * 100) % 1 === 0 ? 0 : 1)
  const meters = zoom >= ZOOM.meters && !planShown
  const valves = zoom >= ZOOM.valves
  return (
    <section className="legend" aria-label={t.map.legend}>
      {planShown ? (
        <Group name={t.map.plan}>
          <Item
            text={t.map.pipe.isolated}
            mark={<Line look={{ color: [197, 139, 255, 255], width: 3, dash: 8 }} width={4} />}
          />
        </Group>
      ) : mode === 'state' ? (
        <Group name={t.map.gap}>
          <Item text={t.map.bands.downStrong} mark={<Swatch token="--gap-down-strong" />} />
          <Item text={t.map.bands.down(band)} mark={<Swatch token="--gap-down" />} />
          <Item text={t.map.within(band)} mark={<Swatch />} />
          <Item text={t.map.bands.up(band)} mark={<Swatch token="--gap-up" />} />
          <Item text={t.map.bands.upStrong} mark={<Swatch token="--gap-up-strong" />} />
        </Group>
      ) : null}
      {mode === 'state' ? <PipeStates /> : <ModeLegend mode={mode} scales={scales} onShow={onShow} />}
      {glow ? (
        <Group name={t.assets.tabs.leaks}>
          <Item text={t.estimate.legend.leak} mark={<span className="glow" />} />
        </Group>
      ) : null}
      <Group name={t.map.stations}>
        <Item text={t.map.station.gate} mark={<Shape look={GATE_LOOKS[0]} />} />
        <Item text={t.map.station.regulator} mark={<Shape look={REGULATOR_LOOKS[0]} />} />
      </Group>
      <Group name={t.map.points}>
        <Item text={t.map.rtu.normal} mark={<Shape look={RTU_LOOKS[1]} />} />
        <Item text={t.map.rtu.stale} mark={<Shape look={RTU_LOOKS[2]} />} />
        <Item text={t.map.rtu.low} mark={<Shape look={RTU_LOOKS[3]} />} />
        <Item text={t.map.rtu.high} mark={<Shape look={RTU_LOOKS[4]} />} />
        <Item text={t.map.rtu.fault} mark={<Shape look={RTU_LOOKS[5]} />} />
      </Group>
      {valves ? (
        <Group name={t.map.valves}>
          <Item text={t.map.valve.remote} mark={<Shape look={REMOTE_VALVE_LOOKS[1]} />} />
          <Item text={t.map.valve.manual} mark={<Shape look={MANUAL_VALVE_LOOKS[1]} />} />
          <Item text={t.map.valve.closed} mark={<Shape look={MANUAL_VALVE_LOOKS[2]} />} />
          <Item text={t.map.valve.abnormal} mark={<Shape look={MANUAL_VALVE_LOOKS[4]} />} />
        </Group>
      ) : null}
      {meters ? (
        <Group name={t.map.meters}>
          <Item text={t.map.meter.normal} mark={<Shape look={METER_LOOKS[1]} size={11} />} />
          <Item text={t.map.meter.stale} mark={<Shape look={METER_LOOKS[2]} size={11} />} />
          <Item text={t.map.meter.warning} mark={<Shape look={METER_LOOKS[3]} size={13} />} />
          <Item text={t.map.meter.alarm} mark={<Shape look={METER_LOOKS[4]} size={13} />} />
          <Item text={t.map.meter.closed} mark={<Shape look={METER_LOOKS[5]} size={13} />} />
        </Group>
      ) : null}
      <Group name={t.map.alarms}>
        <Item
          text="1–4"
          mark={[1, 2, 3, 4].map((priority) => (
            <AlarmSymbol key={priority} look={{ priority, hollow: false, ring: false }} size={20} />
          ))}
        />
        <Item text={t.map.unacked} mark={<AlarmSymbol look={{ priority: 2, hollow: false, ring: true }} size={24} />} />
        <Item text={t.map.cleared} mark={<AlarmSymbol look={{ priority: 2, hollow: true, ring: false }} size={20} />} />
      </Group>
      {meters && valves ? null : (
        <span className="second">
          {t.map.zoomFor([...(valves ? [] : [t.map.zoomValves]), ...(meters ? [] : [t.map.zoomMeters])].join(', '))}
        </span>
      )}
      <LeftOut />
    </section>
  )
}

/** What is on the map of one zone: few words, for it is narrow. */
export function ZoneLegend({ zoom }: { readonly zoom: number }) {
  const t = useText()
  return (
    <section className="legend" aria-label={t.map.legend}>
      <Group name={t.gap.map.zone}>
        <Item text={t.gap.map.suspects} mark={<span className="suspect-mark">1</span>} />
        <Item text={t.gap.map.inlets} mark={<span className="inlet-mark">{t.gap.map.inlet}</span>} />
        <Item text={t.map.pipe.lowPressure} mark={<Line look={PIPE_LOOKS[2]} width={3} />} />
      </Group>
      {zoom >= ZOOM.meters ? (
        <Group name={t.map.meters}>
          <Item text={t.map.meter.normal} mark={<Shape look={METER_LOOKS[1]} size={11} />} />
          <Item text={t.map.meter.stale} mark={<Shape look={METER_LOOKS[2]} size={11} />} />
          <Item text={t.map.meter.warning} mark={<Shape look={METER_LOOKS[3]} size={13} />} />
          <Item text={t.map.meter.alarm} mark={<Shape look={METER_LOOKS[4]} size={13} />} />
          <Item text={t.map.meter.closed} mark={<Shape look={METER_LOOKS[5]} size={13} />} />
        </Group>
      ) : (
        <span className="second">{t.map.zoomFor(t.map.zoomMeters)}</span>
      )}
      <LeftOut />
    </section>
  )
}

/** A city of millions has more meters than a browser can hold: how many are missing is said. */
function LeftOut() {
  const t = useText()
  const missing = useSlice(useConsole().geometry, (g) => g?.meta.meters_left_out ?? 0)
  return missing > 0 ? <span className="second">{t.map.leftOut(printNumber(missing, 0))}</span> : null
}

function PipeStates() {
  const t = useText()
  return (
    <Group name={t.map.pipes}>
      <Item text={t.map.pipe.low} mark={<Line look={PIPE_LOOKS[1]} width={1.2} />} />
      <Item text={t.map.pipe.medium} mark={<Line look={PIPE_LOOKS[1]} width={2.4} />} />
      <Item text={t.map.pipe.high} mark={<Line look={PIPE_LOOKS[1]} width={4} />} />
      <Item text={t.map.pipe.lowPressure} mark={<Line look={PIPE_LOOKS[2]} width={3} />} />
      <Item text={t.map.pipe.suspect} mark={<Line look={PIPE_LOOKS[4]} width={3} />} />
      <Item text={t.map.pipe.isolated} mark={<Line look={PIPE_LOOKS[3]} width={3} />} />
      <Item text={t.map.pipe.unknown} mark={<Line look={PIPE_LOOKS[0]} width={1.6} />} />
    </Group>
  )
}

function Group({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <dl>
      <dt>{name}</dt>
      {children}
    </dl>
  )
}

function Item({ text, mark }: { readonly text: string; readonly mark: ReactNode }) {
  return (
    <dd>
      {mark}
      {text}
    </dd>
  )
}

function Swatch({ token }: { readonly token?: string }) {
  const background = token === undefined ? 'var(--ground)' : `color-mix(in srgb, var(${token}) 35%, var(--ground))`
  return <span className="swatch" style={{ background }} />
}

const css = ([r, g, b]: Rgba) => `rgb(${r} ${g} ${b})`

function Line({ look, width }: { readonly look: LineLook | undefined; readonly width: number }) {
  if (look === undefined) return null
  const dash = look.dash === 0 ? {} : { strokeDasharray: `${look.dash * 0.6} ${look.dash * 0.4}` }
  return (
    <svg width="24" height="10" aria-hidden="true">
      <line x1="0" y1="5" x2="24" y2="5" stroke={css(look.color)} strokeWidth={width} {...dash} />
    </svg>
  )
}

/** The shapes of map/state-symbol.ts, as paths in a box of −1…1. */
const PATHS: Readonly<Record<SymbolLook['shape'], { readonly d: string; readonly filled: boolean }>> = {
  none: { d: '', filled: false },
  dot: { d: 'M0.8 0A0.8 0.8 0 1 1 0.8 -0.01Z', filled: true },
  ring: { d: 'M0.75 0A0.75 0.75 0 1 1 0.75 -0.01Z', filled: false },
  square: { d: 'M-0.65 -0.65H0.65V0.65H-0.65Z', filled: false },
  squareFilled: { d: 'M-0.65 -0.65H0.65V0.65H-0.65Z', filled: true },
  triangleUp: { d: 'M0 -0.95L0.85 0.6H-0.85Z', filled: true },
  triangleDown: { d: 'M0 0.95L0.85 -0.6H-0.85Z', filled: true },
  cross: { d: 'M-0.75 -0.75L0.75 0.75M0.75 -0.75L-0.75 0.75', filled: false },
  valve: { d: 'M-0.85 -0.6L0.85 0.6V-0.6L-0.85 0.6Z', filled: false },
  valveFilled: { d: 'M-0.85 -0.6L0.85 0.6V-0.6L-0.85 0.6Z', filled: true },
  remoteValve: { d: 'M-0.85 -0.35L0.85 0.75V-0.35L-0.85 0.75ZM0.3 -0.6A0.3 0.3 0 1 1 0.3 -0.61Z', filled: false },
  remoteValveFilled: { d: 'M-0.85 -0.35L0.85 0.75V-0.35L-0.85 0.75ZM0.3 -0.6A0.3 0.3 0 1 1 0.3 -0.61Z', filled: true },
  hexagon: { d: 'M1 0L0.5 0.87H-0.5L-1 0L-0.5 -0.87H0.5Z', filled: false },
  hexagonFilled: { d: 'M1 0L0.5 0.87H-0.5L-1 0L-0.5 -0.87H0.5Z', filled: true },
}

function Shape({ look, size = 15 }: { readonly look: SymbolLook | undefined; readonly size?: number }) {
  if (look === undefined) return null
  const { d, filled } = PATHS[look.shape]
  const color = css(look.color)
  return (
    <svg width={size} height={size} viewBox="-1.2 -1.2 2.4 2.4" aria-hidden="true">
      <path d={d} fill={filled ? color : 'none'} stroke={color} strokeWidth={filled ? 0.05 : 0.28} />
    </svg>
  )
}
