import type { HostileTerminal, KeysHealth } from '@gastwin/server/contract'
import { useState } from 'react'
import { useConsole } from '../app/console-model.ts'
import { useNow } from '../app/use-now.ts'
import { useTimeZone } from '../app/use-zones.ts'
import { NONE, printNumber } from '../format/numbers.ts'
import { printInstant, printTime } from '../format/time.ts'
import { wordFor } from '../text/language.ts'
import { ConsentsView } from './consents-view.tsx'
import type { DeviceApi } from './device-api.ts'
import { useDeviceText, useOrderText, useRecordText } from './device-text.ts'
import { useRole } from './may-order.ts'
import { SecurityView } from './security-view.tsx'
import { AskedAt, AskedState, useAsked } from './use-asked.tsx'

const RENEW_MS = 5_000
const askHostile = (api: DeviceApi) => api.hostile()
const askKeys = (api: DeviceApi) => api.keys()

/** Who is not trusted and why, and how the keys are. */
export function TrustTab() {
  const t = useDeviceText()
  const maySee = useRole('dispatcher')
  const o = useOrderText()
  const r = useRecordText().consents
  const mayKeys = useRole('admin')
  const [shown, setShown] = useState<'keys' | 'report' | 'consents'>('keys')
  if (!maySee) return <p className="empty">{t.trust.needsDispatcher}</p>
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls needs a keyboard
    <section className="devices-scroll" tabIndex={0} aria-label={t.tabs.trust}>
      <div className="device-filters">
        <button type="button" onClick={() => setShown(shown === 'consents' ? 'keys' : 'consents')}>
          {shown === 'consents' ? r.hide : r.show}
        </button>
        {mayKeys ? (
          <button type="button" onClick={() => setShown(shown === 'report' ? 'keys' : 'report')}>
            {shown === 'report' ? o.security.hide : o.security.show}
          </button>
        ) : null}
      </div>
      {shown === 'report' ? <SecurityView /> : null}
      {shown === 'consents' ? <ConsentsView /> : null}
      {shown === 'keys' ? <TerminalsAndKeys mayKeys={mayKeys} /> : null}
    </section>
  )
}

function TerminalsAndKeys({ mayKeys }: { readonly mayKeys: boolean }) {
  const t = useDeviceText()
  return (
    <>
      <Terminals />
      <h3 className="devices-heading">{t.trust.keys}</h3>
      {mayKeys ? <Keys /> : <p className="empty">{t.trust.needsAdmin}</p>}
    </>
  )
}

function Terminals() {
  const t = useDeviceText()
  const asked = useAsked('hostile', askHostile, RENEW_MS)
  const list = asked.value
  return (
    <>
      <div className="device-filters">
        <span className="second">{t.trust.hint}</span>
        <span className="spring" />
        <AskedAt asked={asked} />
      </div>
      <AskedState asked={asked} what={t.tabs.trust} />
      {list === undefined ? null : list.length === 0 ? (
        <p className="empty">{t.trust.none}</p>
      ) : (
        <table className="hostile">
          <caption className="visually-hidden">{t.tabs.trust}</caption>
          <thead>
            <tr>
              <th scope="col">{t.ledger.device}</th>
              <th scope="col">{t.trust.step}</th>
              <th scope="col" className="number">
                {t.trust.score}
              </th>
              <th scope="col">{t.trust.reasons}</th>
              <th scope="col">{t.trust.by}</th>
              <th scope="col">{t.ledger.changed}</th>
            </tr>
          </thead>
          <tbody>
            {list.map((one) => (
              <Terminal key={`${one.device}${one.from ?? ''}`} terminal={one} />
            ))}
          </tbody>
        </table>
      )}
    </>
  )
}

function Terminal({ terminal }: { readonly terminal: HostileTerminal }) {
  const t = useDeviceText()
  const zone = useTimeZone()
  const now = useNow(10_000)
  const { selection } = useConsole()
  const { device, from, step, score, reasons, learned, by, updated_at } = terminal
  return (
    <tr>
      <td>
        <button type="button" className="link id" onClick={() => selection.select({ kind: 'meter', id: device })}>
          {device}
        </button>
        {from === null ? null : <span className="second"> {t.frames.from(from)}</span>}
      </td>
      <td>{wordFor(t.trust.steps, step)}</td>
      <td className="number">{printNumber(score, 1)}</td>
      <td>
        {reasons.map(({ code, count }) => `${wordFor({}, code)} ${t.ledger.times(printNumber(count))}`).join(', ')}
        {learned === null ? null : (
          <div className="second">
            {t.trust.learned(
              printNumber(learned.probability, 2),
              learned.because.map(({ feature }) => wordFor({}, feature)).join(', '),
            )}
          </div>
        )}
      </td>
      <td>{by}</td>
      <td className="nowrap">{printTime(updated_at, zone, now)}</td>
    </tr>
  )
}

function Keys() {
  const t = useDeviceText()
  const zone = useTimeZone()
  const asked = useAsked('keys', askKeys, RENEW_MS)
  const keys = asked.value
  return (
    <>
      <AskedState asked={asked} what={t.trust.keys} />
      {keys === undefined ? null : (
        <dl className="facts keys">
          {rowsOf(keys, t.trust, zone).map(([name, value]) => (
            <div key={name} style={{ display: 'contents' }}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      )}
    </>
  )
}

function rowsOf(
  { master_key, keyring, sessions, authority, failed, uses }: KeysHealth,
  t: ReturnType<typeof useDeviceText>['trust'],
  zone: string,
): readonly (readonly [string, string])[] {
  return [
    [t.masterKey, t.masterKeys[master_key]],
    [t.rotated, keyring?.rotated_at === null || keyring === null ? NONE : printInstant(keyring.rotated_at, zone)],
    [t.sessions, printNumber(sessions)],
    [t.authority, authority === null ? t.noAuthority : t.validUntil(printInstant(authority.valid_until, zone))],
    [t.failed, t.failedOf(printNumber(failed.total), printNumber(failed.devices))],
    [t.uses, uses.map(({ index, uses: n }) => `${index} ${printNumber(n)}`).join(' · ')],
  ]
}
