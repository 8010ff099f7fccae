import type { EdgeEstimate } from '@gastwin/server/contract'
import { useEffect, useState } from 'react'
import type { Failure } from '../api/api.ts'
import { useConsole } from '../app/console-model.ts'
import { Problem } from '../app/problem.tsx'
import { useNow } from '../app/use-now.ts'
import { printMeasure, printNumber } from '../format/numbers.ts'
import { printDuration } from '../format/time.ts'
import { differenceKpa, flowM3H, pressureKpaG } from '../format/units.ts'
import { endsOfPipe } from '../map/pipe-shape.ts'
import { useSlice, useStore } from '../state/store.ts'
import { wordFor } from '../text/language.ts'
import { useText } from '../text/use-text.ts'

const RENEW_MS = 5000

/** Estimated pressure at both ends of a pipe, flow with its direction, velocity; each with one standard deviation. */
export function EdgePanel({ pipe }: { readonly pipe: string }) {
  const t = useText()
  const now = useNow(1000)
  const { estimate, failure } = useEdgeEstimate(pipe)
  if (failure !== undefined && estimate === undefined) return <Problem failure={failure} />
  if (estimate === undefined) return null
  if (estimate.at === null) return <p className="second">{t.estimate.noEstimate}</p>
  return (
    <section aria-label={t.estimate.title}>
      <p className="second">{t.estimate.age(printDuration(Math.max(0, now - estimate.at), t.frame.units))}</p>
      {estimate.pressure_from_pa === null && estimate.pressure_to_pa === null ? (
        <p>{t.estimate.noSupply}</p>
      ) : (
        <Facts estimate={estimate} />
      )}
    </section>
  )
}

function Facts({ estimate }: { readonly estimate: EdgeEstimate }) {
  const t = useText()
  const geometry = useStore(useConsole().geometry)
  const ends = geometry === undefined ? ({ from: 'first', to: 'last' } as const) : endsOfPipe(estimate.edge, geometry)
  const { from, to } = { from: wordFor(t.estimate.ends, ends.from), to: wordFor(t.estimate.ends, ends.to) }
  const sigma = estimate.pressure_sigma_pa === null ? null : differenceKpa(estimate.pressure_sigma_pa)
  const pressure = (pa: number | null) => (pa === null ? printMeasure(null) : withSigma(pressureKpaG(pa), sigma, 'kPa'))
  const { flow_m3_s: flow, flow_sigma_m3_s: flowSigma, velocity_m_s: velocity } = estimate
  const still = flow !== null && flowSigma !== null && Math.abs(flow) <= flowSigma
  return (
    <dl className="facts">
      <dt>{t.estimate.pressureAt(from)}</dt>
      <dd>{pressure(estimate.pressure_from_pa)}</dd>
      <dt>{t.estimate.pressureAt(to)}</dt>
      <dd>{pressure(estimate.pressure_to_pa)}</dd>
      {flow === null ? null : (
        <>
          <dt>{t.estimate.flow}</dt>
          <dd>
            {withSigma(flowM3H(Math.abs(flow)), flowSigma === null ? null : flowM3H(flowSigma), 'm³/h')}{' '}
            <span className="quality">{still ? t.estimate.still : t.estimate.towards(flow >= 0 ? to : from)}</span>
          </dd>
        </>
      )}
      {velocity === null ? null : (
        <>
          <dt>{t.estimate.velocity}</dt>
          <dd>{printNumber(Math.abs(velocity), 1)}&nbsp;m/s</dd>
        </>
      )}
    </dl>
  )
}

/** `2.305 ± 0.012 kPa`: as many decimals as the deviation has meaning. */
function withSigma(value: number, sigma: number | null, unit: string): string {
  if (sigma === null || !(sigma > 0)) return `${printMeasure(value)}\u00a0${unit}`
  const digits = Math.min(3, Math.max(0, 1 - Math.floor(Math.log10(sigma))))
  return `${printNumber(value, digits)}\u00a0±\u00a0${printNumber(sigma, digits)}\u00a0${unit}`
}

/** Asked again when the service has another estimate, at most every five seconds. */
function useEdgeEstimate(pipe: string) {
  const { api, link, estimatedAt } = useConsole()
  const live = useSlice(link, (l) => l.phase === 'live')
  const [known, setKnown] = useState<EdgeEstimate>()
  const [failure, setFailure] = useState<Failure>()
  useEffect(() => {
    if (!live) return
    let gone = false
    let waiting: ReturnType<typeof setTimeout> | undefined
    let askedAt = 0
    const load = async () => {
      askedAt = performance.now()
      const answer = await api.edgeEstimate(pipe)
      if (gone) return
      setFailure(answer.ok ? undefined : answer.failure)
      if (answer.ok) setKnown(answer.value)
    }
    const hear = () => {
      if (waiting !== undefined) return
      waiting = setTimeout(
        () => {
          waiting = undefined
          void load()
        },
        Math.max(0, askedAt + RENEW_MS - performance.now()),
      )
    }
    void load()
    const stop = estimatedAt.subscribe(hear)
    return () => {
      gone = true
      clearTimeout(waiting)
      stop()
    }
  }, [api, live, estimatedAt, pipe])
  return { estimate: known?.edge === pipe ? known : undefined, failure }
}
