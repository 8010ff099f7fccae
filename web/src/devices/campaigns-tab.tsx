import type { CampaignView } from '@gastwin/server/contract'
import { useState } from 'react'
import type { Failure } from '../api/api.ts'
import { Problem } from '../app/problem.tsx'
import { useNow } from '../app/use-now.ts'
import { useTimeZone } from '../app/use-zones.ts'
import { printNumber, printPercent } from '../format/numbers.ts'
import { printTime } from '../format/time.ts'
import { wordFor } from '../text/language.ts'
import { CampaignForm } from './campaign-form.tsx'
import type { DeviceApi } from './device-api.ts'
import { useDeviceText, useOrderText } from './device-text.ts'
import { FirmwareImages } from './firmware-images.tsx'
import { takeGroup } from './group-filter.ts'
import { useMayAct, useRole } from './may-order.ts'
import { ReasonField } from './order-form.tsx'
import { orderText } from './order-text.ts'
import { AskedAt, AskedState, useAsked, useDeviceApi } from './use-asked.tsx'

const RENEW_MS = 2_000
const ask = (api: DeviceApi) => api.campaigns()
const COUNTS = ['confirmed', 'failed', 'sent', 'queued', 'waiting', 'cancelled'] as const

/** Settings for many meters: canary, waves, and what became of them. */
export function CampaignsTab() {
  const t = useDeviceText()
  const maySet = useRole('safety')
  const asked = useAsked('campaigns', ask, RENEW_MS)
  // What was chosen in the list of devices opens the form; it is taken once.
  const [group] = useState(takeGroup)
  const [fresh, setFresh] = useState(group !== undefined)
  return (
    <>
      <div className="device-filters">
        {maySet ? (
          <button type="button" aria-expanded={fresh} onClick={() => setFresh(!fresh)}>
            {t.campaigns.fresh}
          </button>
        ) : (
          <span className="second">{t.order.needsSafety}</span>
        )}
        <span className="spring" />
        <AskedAt asked={asked} />
      </div>
      <AskedState asked={asked} what={t.tabs.campaigns} />
      <div className="devices-scroll">
        {fresh ? (
          <CampaignForm
            group={group}
            onDone={() => {
              setFresh(false)
              asked.again()
            }}
          />
        ) : null}
        {asked.value?.length === 0 ? <p className="empty">{t.campaigns.none}</p> : null}
        {asked.value?.map((campaign) => (
          <CampaignCard key={campaign.id} campaign={campaign} onChanged={asked.again} />
        ))}
        <FirmwareImages />
      </div>
    </>
  )
}

interface CampaignCardProps {
  readonly campaign: CampaignView
  readonly onChanged: () => void
}

function CampaignCard({ campaign, onChanged }: CampaignCardProps) {
  const t = useDeviceText()
  const o = useOrderText()
  const zone = useTimeZone()
  const now = useNow(10_000)
  const { state, at_wave, waves, progress, past, ending, approved_by, rollback_of } = campaign
  const wave = at_wave === 0 ? t.campaigns.atCanary : t.campaigns.atWave(printNumber(at_wave), printNumber(waves - 1))
  return (
    <section className="campaign" aria-label={campaign.name}>
      <div className="title-row">
        <h3>
          {campaign.id} {campaign.name}
        </h3>
        <span className={state === 'stopped' ? 'tag warn' : 'tag'}>{wordFor(t.campaigns.states, state)}</span>
        {state === 'done' ? null : <span className="tag">{wave}</span>}
      </div>
      <p>
        {givenWords(campaign, t, o)} · {printNumber(campaign.targets)} {t.campaigns.devices} ·{' '}
        {t.campaigns.limit(printPercent(campaign.stop_rate))}
        {rollback_of === null ? null : ` · ${t.campaigns.rollbackOf(rollback_of)}`}
        <span className="second"> · {t.campaigns.by(campaign.by, printTime(campaign.created_at, zone, now))}</span>
        {approved_by === null ? null : <span className="second"> · {t.campaigns.approvedBy(approved_by)}</span>}
      </p>
      <p className="second">{campaign.reason}</p>
      {ending === null ? null : <p>{endingWords(ending, t.campaigns)}</p>}
      {progress.targets === 0 ? null : <Bar title={t.campaigns.inWave} counts={progress} of={progress.targets} />}
      {past.confirmed + past.failed + past.cancelled === 0 ? null : (
        <Bar
          title={t.campaigns.inAll}
          counts={{ ...past, sent: 0, queued: 0, waiting: 0 }}
          of={past.confirmed + past.failed + past.cancelled}
        />
      )}
      <CampaignActs campaign={campaign} onChanged={onChanged} />
    </section>
  )
}

/** What a campaign gives. */
function givenWords(
  { setting, firmware, spreading, order: ordered }: CampaignView,
  { order, campaigns }: ReturnType<typeof useDeviceText>,
  o: ReturnType<typeof useOrderText>,
): string {
  if (ordered !== null) return orderText(ordered, o)
  if (setting !== null) return `${order.parameters[setting.parameter]} = ${printNumber(setting.value)}`
  if (firmware !== null) return campaigns.firmware(firmware.version)
  return spreading === null ? '' : campaigns.spreading(String(spreading.pci))
}

/** `failures:2/4`, `paused_by:anna`. */
function endingWords(ending: string, { failures, changedBy }: ReturnType<typeof useDeviceText>['campaigns']): string {
  const [code = '', detail = ''] = ending.split(/:(.*)/)
  return code === 'failures' ? failures(detail.replace('/', ' / ')) : changedBy(detail)
}

interface BarProps {
  readonly title: string
  readonly counts: Readonly<Record<(typeof COUNTS)[number], number>>
  readonly of: number
}

/** How far a wave is, as a bar for the eye and as words for everybody. */
function Bar({ title, counts, of }: BarProps) {
  const t = useDeviceText()
  return (
    <div className="wave">
      <span className="second">{title}</span>
      <span className="wave-bar" aria-hidden="true">
        {COUNTS.map((name) => (
          <i key={name} className={name} style={{ width: `${(100 * counts[name]) / of}%` }} />
        ))}
      </span>
      <span>
        {COUNTS.filter((name) => counts[name] > 0)
          .map((name) => `${printNumber(counts[name])} ${t.campaigns.counts[name]}`)
          .join(' · ')}
      </span>
    </div>
  )
}

type Asked = 'paused' | 'running' | 'cancelled' | 'approve' | 'rollback'
const ACTS: Readonly<Record<CampaignView['state'], readonly Asked[]>> = {
  proposed: ['approve', 'cancelled'],
  running: ['paused', 'cancelled'],
  paused: ['running', 'cancelled'],
  stopped: ['cancelled', 'rollback'],
  cancelled: ['rollback'],
  done: ['rollback'],
}

function CampaignActs({ campaign, onChanged }: CampaignCardProps) {
  const t = useDeviceText()
  const api = useDeviceApi()
  const mayAct = useMayAct()
  const maySet = useRole('safety')
  const [asked, setAsked] = useState<Asked>()
  const [reason, setReason] = useState('')
  const [failure, setFailure] = useState<Failure>()
  const words = {
    paused: t.campaigns.pause,
    running: t.campaigns.resume,
    cancelled: t.campaigns.stop,
    approve: t.campaigns.approve,
    rollback: t.campaigns.rollBack,
  }
  const acts = ACTS[campaign.state].filter((act) => act !== 'rollback' || campaign.firmware !== null)
  const change = async (act: Asked) => {
    const why = reason.trim()
    const answer = await (act === 'approve'
      ? api.approve(campaign.id, why)
      : act === 'rollback'
        ? api.rollBack(campaign.id, { reason: why })
        : api.change(campaign.id, { state: act, reason: why }))
    setFailure(answer.ok ? undefined : answer.failure)
    if (answer.ok) setAsked(undefined)
    onChanged()
  }
  if (!maySet || acts.length === 0) return null
  return (
    <>
      <div className="row-buttons">
        {acts.map((state) => (
          <button
            key={state}
            type="button"
            aria-expanded={asked === state}
            disabled={!mayAct}
            onClick={() => setAsked(asked === state ? undefined : state)}
          >
            {words[state]}
          </button>
        ))}
      </div>
      {asked === undefined ? null : (
        <form
          className="order-form"
          onSubmit={(event) => {
            event.preventDefault()
            void change(asked)
          }}
        >
          <ReasonField reason={reason} onChange={setReason} />
          <button type="submit" disabled={!mayAct || reason.trim().length < 3}>
            {words[asked]}
          </button>
        </form>
      )}
      {failure === undefined ? null : (
        <>
          <Problem failure={failure} />
          <p className="second">{failure.detail}</p>
        </>
      )}
    </>
  )
}
