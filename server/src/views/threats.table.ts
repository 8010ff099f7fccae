import type { Threat } from '../contract/index.ts'

type Sign =
  | 'tamper_alarms'
  | 'contradictions'
  | 'suspected_terminals'
  | 'terminals_kept_away'
  | 'refused_frames'
  | 'undecryptable_frames'
  | 'over_budget'
  | 'shed_reports'
  | 'refused_contacts'
  | 'quarantined'
  | 'audit_records'

/** A threat and the counters that tell of it. */
export interface KnownThreat extends Omit<Threat, 'seen'> {
  readonly signs: readonly Sign[]
}

/**
 * The eleven threats of the founding paper (S0 §3.2.1), each with its detection or a stated non-goal. "Probability" is the paper's
 * column: probability of occurrence or impact.
 */
export const THREATS: readonly KnownThreat[] = [
  {
    ...{ number: 1, object: 'meter', threat: 'physical dismantling; firmware, business data, logs tampered' },
    ...{ probability: 'low', risk: 'high', state: 'partly', signs: ['tamper_alarms'] },
    by: 'dismantling, open cover, magnet and reset are events and alarms; what a meter runs inside is not known to the platform',
  },
  {
    ...{ number: 2, object: 'meter', threat: 'intrusion; data impersonated or tampered, consumption without record' },
    ...{ probability: 'high', risk: 'high', state: 'met', signs: ['contradictions', 'suspected_terminals'] },
    by: 'session keys of a mutual first contact; impossible registers, clones and replays are told and isolated; theft is ranked by the ledger',
  },
  {
    ...{ number: 3, object: 'meter', threat: 'eavesdropping on reports; privacy leak' },
    ...{ probability: 'mid', risk: 'mid', state: 'partly', signs: ['refused_frames'] },
    by: 'SM4 frames under a key of each meter, and policies that refuse plain ones; who learns a transport key can read what was recorded',
  },
  {
    ...{ number: 4, object: 'meter', threat: 'forged platform drains the battery, or orders falsely' },
    ...{ probability: 'mid', risk: 'mid', state: 'partly', signs: [] },
    by: 'the platform proves itself at the first contact and orders in cipher where a session is; concentrators and remote valves with a certificate obey sealed orders alone; that a meter ignores others is the meter’s affair',
  },
  {
    ...{ number: 5, object: 'network', threat: 'DDoS by many terminals at once; the radio network may collapse' },
    ...{ probability: 'mid', risk: 'mid', state: 'partly', signs: ['shed_reports'] },
    by: 'reports are spread by cell and hour, campaigns paced, overload answered with the time to wait; the radio network is the carrier’s',
  },
  {
    ...{ number: 6, object: 'platform', threat: 'terminals not authenticated; any malicious terminal joins' },
    ...{ probability: 'mid', risk: 'high', state: 'met', signs: ['refused_contacts', 'quarantined'] },
    by: 'certificates of the utility’s own authority, revocation, quarantine of unknown numbers',
  },
  {
    ...{ number: 7, object: 'platform', threat: 'attack makes the platform unavailable' },
    ...{ probability: 'mid', risk: 'mid', state: 'met', signs: ['over_budget', 'terminals_kept_away', 'shed_reports'] },
    by: 'budgets by source and address, stateless checks first, shedding by class; what fills the line before us is the network’s',
  },
  {
    ...{ number: 8, object: 'platform', threat: 'malicious software or firmware pushed to meters' },
    ...{ probability: 'mid', risk: 'mid', state: 'partly', signs: [] },
    by: 'images are signed under the utility’s authority and checked by the device, orders are by role and on record, first to a canary; what a device runs is what it says',
  },
  {
    ...{ number: 9, object: 'platform', threat: 'reading data stolen; privacy leak' },
    ...{ probability: 'mid', risk: 'mid', state: 'partly', signs: [] },
    by: 'roles, scoped keys, personal values and keys sealed at rest; readings stand in the log and the database as they are',
  },
  {
    ...{ number: 10, object: 'application', threat: 'attacked; user data stolen or tampered' },
    ...{ probability: 'mid', risk: 'mid', state: 'met', signs: ['audit_records'] },
    by: 'schemas at every door, personal values masked and revealed for a reason on record, a chain of hashes over every act',
  },
  {
    ...{ number: 11, object: 'application', threat: 'business platform unavailable' },
    ...{ probability: 'mid', risk: 'mid', state: 'partly', signs: [] },
    by: 'database and console may fail while reports, twins and shut-offs go on; one process on one machine',
  },
]
