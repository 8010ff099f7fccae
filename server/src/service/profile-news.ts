import type { Logger } from 'pino'
import type { ProfileNews } from '../profiles/profile-desk.ts'
import type { CityService } from './city-service.ts'

/** Tells of vendor profiles that changed while the service runs, and by an alarm of those that cannot be used. */
export const profileNews = (service: CityService, logger: Logger): ProfileNews => ({
  onChanged: (set) => logger.info({ set: set.id, profiles: set.profiles.length }, 'vendor profiles changed'),
  onRefused: (mistakes) => {
    if (mistakes !== undefined) logger.error({ mistakes }, 'a vendor profile is broken: the former ones stay')
    service.platformAlarm('profile_refused', mistakes !== undefined, mistakes?.split('\n').length ?? 0, 0, '1')
  },
})
