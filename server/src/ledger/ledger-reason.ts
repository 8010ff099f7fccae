import { CityCalendar } from '@gastwin/twin'
import type { LedgerReason } from '../contract/index.ts'

/** A reason as one sentence for people who read the API or the command line; the console has its own words. @param timeZone IANA name */
export function reasonSentence(reason: LedgerReason, timeZone: string): string {
  switch (reason.code) {
    case 'starting':
      return 'the readings of the last days are read from the log'
    case 'no_meters':
      return 'the network has no gas meter: the ledger begins when some are added and were heard'
    case 'few_heard':
      return `${reason.heard} of ${reason.of} gas meters were heard: the ledger begins when half of them were`
    case 'first_nights':
      return `${NO_DAY}, ${reason.share * 100} % of them to begin with; so many were not read in the first nights, and the next is waited for`
    case 'first_day':
      return `${NO_DAY}; the first one can be stated before ${localMinute(reason.until, timeZone)} (${timeZone})`
    case 'short':
      return `stated from ${reason.days} whole ${reason.days === 1 ? 'day' : 'days'}: thefts, stopped and worn meters are told from readings of ${reason.needed} days and more`
  }
}

const NO_DAY = 'no day is whole: meters must have been read in the nights before and after it'

const localMinute = (at: number, timeZone: string): string =>
  new Date(at + new CityCalendar(timeZone).offset(at)).toISOString().slice(0, 16).replace('T', ' ')
