import type {
  Alarm,
  City,
  IsolationPlan,
  Leak,
  ServerMessage,
  Session,
  Shutoff,
  Status,
  ZoneSummary,
} from '@gastwin/server/contract'
import { decodeColumns, type StateMeta } from '@gastwin/server/contract'
import { createContext, useContext } from 'react'
import { type Api, createApi, type Failure } from '../api/api.ts'
import { EstimateFeed } from '../estimate/estimate-feed.ts'
import { type PipeEstimate, readEstimate } from '../estimate/pipe-estimate.ts'
import { FIRST_LINK_STATE, type LinkState, LiveLink, openBrowserSocket } from '../live/live-link.ts'
import { MapMirror } from '../live/mirror.ts'
import { type MapGeometry, readGeometry } from '../map/geometry.ts'
import type { PipeMode } from '../map/pipe-mode.ts'
import type { GapPeriod } from '../state/gap-period.ts'
import type { DeviceTab, Screen } from '../state/screen.ts'
import { createSelectionStore, type SelectionStore } from '../state/selection.ts'
import { createServiceClock, type ServiceClock } from '../state/service-clock.ts'
import { createStore, type Store } from '../state/store.ts'
import { firstLanguage, type Language } from '../text/language.ts'
import { type MapPlace, readAddress } from './address.ts'
import { forgetSession, keepSession, keptSession } from './kept-session.ts'

const GREETING_PATIENCE_MS = 3000

export type PlanView =
  | { readonly phase: 'loading'; readonly edge: string }
  | { readonly phase: 'failed'; readonly edge: string; readonly failure: Failure }
  | { readonly phase: 'ready'; readonly edge: string; readonly plan: IsolationPlan }

export type DetailTab = 'asset' | 'isolation' | 'shutoffs' | 'leaks'

/** Everything the views read, and the acts they can ask for. One per page. */
export interface ConsoleModel {
  readonly api: Api
  readonly clock: ServiceClock
  readonly session: Store<Session | null>
  readonly city: Store<City | undefined>
  readonly status: Store<Status | undefined>
  readonly link: Store<LinkState>
  readonly alarms: Store<ReadonlyMap<string, Alarm> | undefined>
  readonly shutoffs: Store<ReadonlyMap<string, Shutoff> | undefined>
  readonly zones: Store<ReadonlyMap<string, ZoneSummary> | undefined>
  readonly leaks: Store<readonly Leak[] | undefined>
  readonly geometry: Store<MapGeometry | undefined>
  /** The last one fetched; kept fresh only while a map mode or a panel shows it. */
  readonly estimate: Store<PipeEstimate | undefined>
  /** Event time of the newest estimate of the service, Unix ms. */
  readonly estimatedAt: Store<number | undefined>
  readonly loadFailure: Store<Failure | undefined>
  readonly screen: Store<Screen>
  /** What the gap screen looks at. */
  readonly period: Store<GapPeriod>
  /** When the service last stated the gap, event time, Unix ms. */
  readonly gapStatedAt: Store<number | undefined>
  readonly selection: SelectionStore
  /** The flight of the selection that a map has flown last. */
  readonly flown: Store<number>
  readonly plan: Store<PlanView | undefined>
  readonly detailTab: Store<DetailTab>
  readonly language: Store<Language>
  readonly sound: Store<boolean>
  /** What part of the city the map shows, for the address bar. */
  readonly place: Store<MapPlace | undefined>
  /** The service no longer accepted who was signed in. */
  readonly signedOut: Store<boolean>
  /** Where a link that was opened in this page asks its map to be. */
  readonly placeAsked: Store<MapPlace | undefined>
  /** What the colour of the pipes tells. */
  readonly mode: Store<PipeMode>
  /** What of the device screen is open. */
  readonly deviceTab: Store<DeviceTab>
  /** The map's truth; undefined until the geometry is known. */
  mirror(): MapMirror | undefined
  /** False whenever an act could be based on something that is no longer so. */
  mayAct(): boolean
  signIn(user: string, password: string): Promise<Failure | undefined>
  signOut(): void
  preview(edge: string): Promise<void>
  retryLoading(): void
}

export function createConsoleModel(): ConsoleModel {
  const session = createStore<Session | null>(keptSession())
  const address = readAddress(location.hash)
  const clock = createServiceClock()
  const city = createStore<City | undefined>(undefined)
  const status = createStore<Status | undefined>(undefined)
  const link = createStore<LinkState>(FIRST_LINK_STATE)
  const alarms = createStore<ReadonlyMap<string, Alarm> | undefined>(undefined)
  const shutoffs = createStore<ReadonlyMap<string, Shutoff> | undefined>(undefined)
  const zones = createStore<ReadonlyMap<string, ZoneSummary> | undefined>(undefined)
  const leaks = createStore<readonly Leak[] | undefined>(undefined)
  const estimate = createStore<PipeEstimate | undefined>(undefined)
  const estimatedAt = createStore<number | undefined>(undefined)
  const screen = createStore(address.screen)
  const gapStatedAt = createStore<number | undefined>(undefined)
  const place = createStore(address.place)
  const selection = createSelectionStore(address.selection)
  const mode = createStore(address.mode)
  const deviceTab = createStore(address.tab)
  const geometry = createStore<MapGeometry | undefined>(undefined)
  const loadFailure = createStore<Failure | undefined>(undefined)
  const plan = createStore<PlanView | undefined>(undefined)
  let mirror: MapMirror | undefined
  let live: LiveLink | undefined

  const signedOut = createStore(false)
  const endSession = () => {
    signedOut.set(true)
    live?.stop()
    live = undefined
    feed.stop()
    forgetSession()
    clock.freeze()
    session.set(null)
    link.set(FIRST_LINK_STATE)
  }
  const api = createApi({ token: () => session.get()?.token, onUnauthorised: endSession })

  const feed = new EstimateFeed({
    fetch: api.mapEstimate,
    onBody: (body) => {
      const read = readEstimate(body)
      // Another numbering: its geometry is on the way, and the next estimate fits it.
      if (mirror !== undefined && read.meta.snapshot === mirror.snapshot) estimate.set(read)
    },
    wanted: () => mirror !== undefined && (mode.get() !== 'state' || selection.get()?.kind === 'rtu'),
    steady: () => performance.now(),
  })
  mode.subscribe(() => feed.look())
  selection.subscribe(() => feed.look())

  // Each screen comes back to the part of the map it was left at.
  const places = new Map<Screen, MapPlace | undefined>()
  let shown = screen.get()
  screen.subscribe(() => {
    places.set(shown, place.get())
    shown = screen.get()
    place.set(places.get(shown))
  })

  const loadState = once(async () => {
    const answer = await api.mapState()
    if (!answer.ok || mirror === undefined) return
    const { columns, meta } = decodeColumns(answer.value)
    live?.ask(mirror.load(columns, meta as StateMeta, performance.now()))
  })

  const loadMap = once(async () => {
    const [cityAnswer, answer] = await Promise.all([api.city(), api.geometry()])
    if (cityAnswer.ok) city.set(cityAnswer.value)
    if (!cityAnswer.ok) return loadFailure.set(cityAnswer.failure)
    if (!answer.ok) return loadFailure.set(answer.failure)
    const read = readGeometry(answer.value)
    loadFailure.set(undefined)
    if (mirror?.snapshot === read.meta.snapshot) return loadState()
    mirror = new MapMirror(read.meta.snapshot, read.sizes)
    estimate.set(undefined)
    geometry.set(read)
    feed.tell()
    return loadState()
  })

  const loadLists = once(async () => {
    const [a, s, z, l] = await Promise.all([api.alarms(), api.shutoffs(), api.zones(), api.leaks()])
    if (a.ok) alarms.set(byId(a.value))
    if (s.ok) shutoffs.set(byId(s.value))
    if (z.ok) zones.set(byId(z.value))
    if (l.ok) leaks.set(l.value)
  })

  const hear = (message: ServerMessage) => {
    switch (message.type) {
      case 'welcome':
        // The service greets with full lists; asked for only if that greeting stays out.
        setTimeout(() => alarms.get() === undefined && void loadLists(), GREETING_PATIENCE_MS)
        feed.tell()
        return
      case 'status': {
        clock.set(message.now, message.speed)
        status.set(message)
        return
      }
      case 'alarms':
        return alarms.change((old) => merge(message.full === true ? undefined : old, message.changed))
      case 'shutoffs':
        return shutoffs.change((old) => merge(message.full === true ? undefined : old, message.changed))
      case 'zones':
        return zones.change((old) => merge(old, message.zones))
      case 'leaks':
        return leaks.set(message.leaks)
      case 'estimate':
        estimatedAt.set(message.at)
        return feed.tell()
      case 'gap':
        return gapStatedAt.set(message.stated_at)
      case 'error':
        if (message.code.startsWith('AUT_')) endSession()
        return
      case 'resync':
        return
    }
  }

  const begin = (token: string) => {
    live = new LiveLink({
      open: openBrowserSocket,
      token,
      version: __GASTWIN_VERSION__,
      mirror: () => mirror,
      onMessage: hear,
      onState: (change) => {
        const before = link.get().phase
        link.change(change)
        if (link.get().phase === 'offline' && before !== 'offline') clock.freeze()
      },
      onRequest: ({ kind }) => void (kind === 'state' ? loadState() : loadMap()),
      onUnauthorised: endSession,
      steady: () => performance.now(),
      random: Math.random,
    })
    live.start()
    void loadMap()
  }

  const kept = session.get()
  if (kept !== null) begin(kept.token)

  return {
    api,
    clock,
    session,
    city,
    status,
    link,
    alarms,
    shutoffs,
    zones,
    leaks,
    geometry,
    estimate,
    estimatedAt,
    loadFailure,
    plan,
    screen,
    period: createStore(address.period),
    gapStatedAt,
    selection,
    flown: createStore(0),
    detailTab: createStore<DetailTab>('asset'),
    language: createStore(address.language ?? firstLanguage()),
    sound: createStore(false),
    place,
    signedOut,
    placeAsked: createStore<MapPlace | undefined>(undefined),
    mode,
    deviceTab,
    mirror: () => mirror,
    mayAct: () => link.get().phase === 'live' && status.get()?.log !== 'full',
    async signIn(user, password) {
      const answer = await api.signIn(user, password)
      if (!answer.ok) return answer.failure
      keepSession(answer.value)
      signedOut.set(false)
      session.set(answer.value)
      begin(answer.value.token)
      return undefined
    },
    signOut() {
      void api.signOut()
      endSession()
      signedOut.set(false)
    },
    async preview(edge) {
      plan.set({ phase: 'loading', edge })
      const answer = await api.isolation(edge)
      if (plan.get()?.edge !== edge) return
      plan.set(
        answer.ok ? { phase: 'ready', edge, plan: answer.value } : { phase: 'failed', edge, failure: answer.failure },
      )
    },
    retryLoading() {
      loadFailure.set(undefined)
      void loadMap()
      void loadLists()
    },
  }
}

/** Calls while one is under way join it: a burst of requests for the same columns becomes one. */
function once(work: () => Promise<unknown>): () => Promise<unknown> {
  let running: Promise<unknown> | undefined
  return () => {
    running ??= work().finally(() => {
      running = undefined
    })
    return running
  }
}

function byId<T extends { readonly id: string }>(list: readonly T[]): ReadonlyMap<string, T> {
  return new Map(list.map((item) => [item.id, item]))
}

function merge<T extends { readonly id: string }>(
  old: ReadonlyMap<string, T> | undefined,
  changed: readonly T[],
): ReadonlyMap<string, T> {
  const next = new Map(old)
  for (const item of changed) next.set(item.id, item)
  return next
}

export const ConsoleContext = createContext<ConsoleModel | undefined>(undefined)

export function useConsole(): ConsoleModel {
  const model = useContext(ConsoleContext)
  if (model === undefined) throw new Error('a view stands outside of the console')
  return model
}
