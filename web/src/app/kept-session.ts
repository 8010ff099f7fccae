import type { Session } from '@gastwin/server/contract'

const KEY = 'gastwin.session'

/** The session lives as long as the tab: closing it signs out, a reload does not. */
export function keptSession(): Session | null {
  try {
    const text = sessionStorage.getItem(KEY)
    return text === null ? null : (JSON.parse(text) as Session)
  } catch {
    return null
  }
}

export function keepSession(session: Session): void {
  try {
    sessionStorage.setItem(KEY, JSON.stringify(session))
  } catch {
    // A browser that keeps nothing only asks for the password again after a reload.
  }
}

export function forgetSession(): void {
  try {
    sessionStorage.removeItem(KEY)
  } catch {
    // Nothing was kept.
  }
}
