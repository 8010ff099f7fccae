import type { Meter } from '@gastwin/twin'
import type { Tampering } from '../metering/tampering.ts'
import { UnmeteredTap } from '../metering/unmetered-tap.ts'
import { chooseMeters } from './choose-victims.ts'
import { combine, type ScenarioPlan, type TruthEvent } from './scenario-plan.ts'
import { beginsInView, dice, type Stage } from './stage.ts'

const HOUR = 3_600_000
const M3_S = 1 / 3600

const isHome = (m: Meter): boolean => m.class === 'residential' && m.zone !== 'MP'

function aboutMeter(m: Meter | undefined): Partial<TruthEvent> {
  return { asset: m?.id ?? '', zone: m?.zone ?? '', lon: m?.lon ?? 0, lat: m?.lat ?? 0 }
}

export function theft(s: Stage, share: number): Partial<ScenarioPlan> {
  const random = dice(s, 1)
  const homes = chooseMeters(s.document, random, Math.max(4, Math.round(share * s.document.meters.length)), isHome)
  const shops = chooseMeters(
    s.document,
    random,
    Math.max(1, Math.round(homes.length / 12)),
    (m) => m.class === 'commercial' && m.protected == null,
  )
  const tampering = new Map<number, Tampering>()
  const truth: TruthEvent[] = []
  for (const [i, row] of [...homes, ...shops].entries()) {
    const from = i % 3 === 0 ? beginsInView(s) + random.between(0, 4) * HOUR : s.start
    const share_ = Math.round(random.between(0.15, 0.6) * 100) / 100
    const forms: readonly Tampering[] = [
      { kind: 'bypass', from, share: share_ },
      { kind: 'hours', from, share: 0.1, begin: 17, end: 7 },
      { kind: 'fading', from, share: 0.2, perDay: 0.04 },
      { kind: 'magnet', from, share: 0, daysOfSeven: 4 },
    ]
    const form = forms[i % forms.length]
    if (form === undefined) continue
    tampering.set(row, form)
    truth.push({ ...form, at: from, event: 'theft', form: form.kind, ...aboutMeter(s.document.meters[row]) })
  }
  const taps = chooseMeters(s.document, random, share >= 0.01 ? 2 : 1, (m) => m.class === 'commercial').map((row) => {
    const meter = s.document.meters[row]
    const flow = random.between(3, 7) * M3_S
    truth.push({
      at: s.start,
      event: 'theft',
      form: 'secret_branch',
      flow_m3_s: flow,
      node: meter?.node,
      ...aboutMeter(meter),
    })
    const node = s.document.nodes.findIndex((n) => n.id === meter?.node)
    return new UnmeteredTap(node, s.start, flow, 9, 22)
  })
  return { tampering, taps, truth }
}

export function smallFlows(s: Stage, count: number): ScenarioPlan {
  const random = dice(s, 2)
  const steady = new Map<number, { from: number; flow: number }>()
  const truth = chooseMeters(s.document, random, count, isHome).map((row, i) => {
    const from = i % 2 === 0 ? s.start : beginsInView(s) + HOUR
    const flow = random.between(0.02, 0.07) * M3_S
    steady.set(row, { from, flow })
    return { at: from, event: 'small_flow', flow_m3_s: flow, ...aboutMeter(s.document.meters[row]) }
  })
  return combine({ steady, truth })
}

export function stopped(s: Stage, count: number): ScenarioPlan {
  const tampering = new Map<number, Tampering>()
  const truth = chooseMeters(s.document, dice(s, 3), count, (m) => isHome(m) && (m.installed_year ?? 2026) < 2022).map(
    (row, i) => {
      const from = i % 2 === 0 ? s.start : beginsInView(s) + HOUR
      tampering.set(row, { kind: 'stopped', from, share: 0 })
      return { at: from, event: 'stopped_meter', ...aboutMeter(s.document.meters[row]) }
    },
  )
  return combine({ tampering, truth })
}

export function wrongSize(s: Stage, count: number): ScenarioPlan {
  const shrunk = new Map<number, number>()
  const large = (m: Meter): boolean => m.corrector === true && ['G65', 'G100', 'G160', 'G250'].includes(m.size ?? '')
  const truth = chooseMeters(s.document, dice(s, 4), count, large).map((row) => {
    shrunk.set(row, 0.05)
    return {
      at: s.start,
      event: 'wrong_size',
      factor: 0.05,
      size: s.document.meters[row]?.size,
      ...aboutMeter(s.document.meters[row]),
    }
  })
  return combine({ shrunk, truth })
}
