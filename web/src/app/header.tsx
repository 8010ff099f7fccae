import type { Session } from '@gastwin/server/contract'
import { useEffect, useRef } from 'react'
import { countByPriority } from '../alarms/order.ts'
import { SoundSwitch } from '../alarms/sound-switch.tsx'
import { AlarmSymbol } from '../alarms/symbol.tsx'
import { printNumber } from '../format/numbers.ts'
import { printDuration, printInstant } from '../format/time.ts'
import { useSlice, useStore } from '../state/store.ts'
import { nameIn } from '../text/language.ts'
import { useText } from '../text/use-text.ts'
import { useConsole } from './console-model.ts'
import { LanguageButton } from './language-button.tsx'
import { useTimeZone } from './use-zones.ts'

/** Age above which a source's data are late, ms of event time. */
const AGE_LIMITS = { rtu: 3 * 60_000, commercial: 3 * 3_600_000, residential: 26 * 3_600_000 }
/** Zones and groups of an area that stand beside the role. */
const MOST_PLACES = 2

interface HeaderProps {
  readonly onHelp: () => void
  readonly drawer: boolean
  readonly onDrawer: () => void
}

export function Header({ onHelp, drawer, onDrawer }: HeaderProps) {
  const t = useText()
  const model = useConsole()
  const city = useStore(model.city)
  const session = useStore(model.session)
  const language = useStore(model.language)
  return (
    <header>
      <h1 title={t.frame.title}>
        {city === undefined ? t.frame.product : nameIn(language, city.name)}
        <span className="visually-hidden"> · {t.frame.title}</span>
      </h1>
      <Clock />
      <Connection />
      <span className="spring" />
      <Counts />
      <button
        type="button"
        className="drawer-toggle"
        title={drawer ? t.frame.closeAlarms : t.frame.openAlarms}
        aria-expanded={drawer}
        aria-controls="side"
        onClick={onDrawer}
      >
        {drawer ? '▸' : '◂'} {t.frame.alarmsButton}
      </button>
      <SoundSwitch />
      {session === null ? null : (
        <button
          type="button"
          className="plain"
          title={`${t.frame.signedInAs(session.user, t.frame.roles[session.role])} · ${t.frame.signOut}`}
          onClick={() => model.signOut()}
        >
          <span className="who">
            <b>{session.user}</b>
            {[t.frame.roles[session.role], ...placesOf(session.area)].join(' · ')}
          </span>
          <span className="visually-hidden"> {t.frame.signOut}</span>
        </button>
      )}
      <button type="button" aria-label={t.frame.help} title={t.frame.help} onClick={onHelp}>
        ?
      </button>
      <LanguageButton />
    </header>
  )
}

/** Written into the page each quarter second without rendering anything. */
function Clock() {
  const t = useText()
  const { clock, link, city } = useConsole()
  const zone = useTimeZone()
  const phase = useSlice(link, (l) => l.phase)
  const speed = useSlice(city, (c) => c?.speed)
  const demo = useSlice(city, (c) => c?.demo)
  const shown = useRef<HTMLTimeElement>(null)
  useEffect(() => {
    const write = () => {
      const now = clock.now()
      if (shown.current !== null) shown.current.textContent = now === 0 ? '–' : printInstant(now, zone)
    }
    write()
    const timer = setInterval(write, 250)
    return () => clearInterval(timer)
  }, [clock, zone])
  const frozen = phase === 'offline'
  return (
    <div className="clock">
      <span className="tag live">{frozen ? t.frame.frozen : t.frame.live}</span>
      <time ref={shown} />
      {demo === true ? (
        <span className="tag" title={t.frame.demoHint}>
          {t.frame.demoSpeed(printNumber(speed, speed !== undefined && speed < 10 && speed % 1 !== 0 ? 1 : 0))}
        </span>
      ) : null}
    </div>
  )
}

function Connection() {
  const t = useText()
  const { link, status } = useConsole()
  const phase = useSlice(link, (l) => l.phase)
  const age = useSlice(status, (s) => s?.age)
  const sources = ['rtu', 'commercial', 'residential'] as const
  return (
    // biome-ignore lint/a11y/useSemanticElements: nothing here is a form
    <div className="ages" role="group" aria-label={`${t.frame.connection}, ${t.frame.dataAge}`}>
      <span title={t.frame.phases[phase]}>
        {phase === 'live' ? '✓ ' : phase === 'connecting' ? '… ' : '✕ '}
        <span className={phase === 'live' ? 'brief' : undefined}>{t.frame.phases[phase]}</span>
      </span>
      {sources.map((source) => {
        const ms = age?.[source]
        const over = ms === null || (ms !== undefined && ms > AGE_LIMITS[source])
        return age === undefined ? null : (
          <span key={source} className={over ? 'over' : undefined}>
            {t.frame.sources[source]} {ms === null ? t.frame.never : printDuration(ms, t.frame.units)}
          </span>
        )
      })}
    </div>
  )
}

function Counts() {
  const t = useText()
  const { alarms } = useConsole()
  const all = useStore(alarms)
  const counts = countByPriority(all?.values() ?? [])
  let unacked = 0
  for (const alarm of all?.values() ?? [])
    if (alarm.state === 'active_unacked' || alarm.state === 'cleared_unacked') unacked++
  return (
    // biome-ignore lint/a11y/useSemanticElements: nothing here is a form
    <div className="counts" role="group" aria-label={t.alarms.region}>
      {counts.map((n, i) => (
        <span
          // biome-ignore lint/suspicious/noArrayIndexKey: the index is the priority
          key={i}
          className={n > 0 ? 'count some' : 'count'}
          title={t.frame.priorityCount(i + 1, printNumber(n))}
        >
          <AlarmSymbol look={{ priority: i + 1, hollow: false, ring: false }} size={26} />
          <span className="visually-hidden">{t.frame.priorityCount(i + 1, printNumber(n))}</span>
          <span aria-hidden="true">{all === undefined ? '–' : printNumber(n)}</span>
        </span>
      ))}
      <span className={unacked > 0 ? 'count some' : 'count'}>{t.frame.unacked(printNumber(unacked))}</span>
    </div>
  )
}

/** Zones and groups of an account with an area, the first ones by name. */
function placesOf(area: Session['area']): readonly string[] {
  const names = [...(area?.zones ?? []), ...(area?.marks ?? []).map((mark) => mark.replace(/^\w+:/, ''))]
  const rest = names.length - MOST_PLACES
  return rest > 0 ? [...names.slice(0, MOST_PLACES), `+${rest}`] : names
}
