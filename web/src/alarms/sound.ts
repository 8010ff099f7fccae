/** Two tones that nobody confuses: P1 warbles without pause, P2 knocks twice and rests. */
const PATTERNS = {
  1: {
    periodMs: 1000,
    notes: [
      { at: 0, hz: 880, s: 0.28 },
      { at: 0.3, hz: 660, s: 0.28 },
      { at: 0.6, hz: 880, s: 0.28 },
    ],
  },
  2: {
    periodMs: 4000,
    notes: [
      { at: 0, hz: 520, s: 0.14 },
      { at: 0.22, hz: 520, s: 0.14 },
    ],
  },
} as const

const LOUDNESS = 0.12

export interface AlarmSound {
  /** The most urgent unacknowledged priority with a sound, or none. Stops by itself only when that is none. */
  play(priority: 1 | 2 | undefined): void
  /** The browser lets no page make a sound before somebody has clicked on it. */
  blocked(): boolean
  /** Call from a click. */
  unblock(): Promise<void>
  close(): void
}

export function createAlarmSound(): AlarmSound {
  const context = new AudioContext()
  let timer: ReturnType<typeof setInterval> | undefined
  let playing: 1 | 2 | undefined
  const once = (priority: 1 | 2) => {
    if (context.state !== 'running') return
    for (const { at, hz, s } of PATTERNS[priority].notes) {
      const begin = context.currentTime + at
      const tone = context.createOscillator()
      const gain = context.createGain()
      tone.type = 'triangle'
      tone.frequency.value = hz
      gain.gain.setValueAtTime(0, begin)
      gain.gain.linearRampToValueAtTime(LOUDNESS, begin + 0.02)
      gain.gain.setValueAtTime(LOUDNESS, begin + s - 0.03)
      gain.gain.linearRampToValueAtTime(0, begin + s)
      tone.connect(gain).connect(context.destination)
      tone.start(begin)
      tone.stop(begin + s)
    }
  }
  return {
    play(priority) {
      if (priority === playing) return
      playing = priority
      clearInterval(timer)
      if (priority === undefined) return
      once(priority)
      timer = setInterval(() => once(priority), PATTERNS[priority].periodMs)
    },
    blocked: () => context.state !== 'running',
    unblock: () => context.resume(),
    close() {
      clearInterval(timer)
      void context.close()
    },
  }
}
