/**
 * Every setting of the service: key in the configuration file (JSON), environment variable, default, what is allowed.
 * docs/OPERATIONS.md prints this table and a test compares the two.
 */
export interface Setting {
  readonly key: string
  readonly env: string
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'json'
  readonly fallback: string | number | boolean | null
  readonly meaning: string
  /** Returns what is wrong with a value, or undefined. */
  readonly fault?: (value: unknown) => string | undefined
}

const port = (v: unknown) =>
  Number(v) >= 0 && Number(v) <= 65_535 ? undefined : 'a port between 0 (any free) and 65535'
const atLeast = (limit: number) => (v: unknown) => (Number(v) >= limit ? undefined : `a number of at least ${limit}`)
const within = (low: number, high: number) => (v: unknown) =>
  Number(v) >= low && Number(v) <= high ? undefined : `a number between ${low} and ${high}`
const oneOf =
  (...values: readonly string[]) =>
  (v: unknown) =>
    values.includes(String(v)) ? undefined : `one of ${values.join(', ')}`
const hexKey = (v: unknown) =>
  v === null || /^[0-9a-f]{32}$/i.test(String(v)) ? undefined : '32 hexadecimal digits (16 bytes)'
const commandLine = (v: unknown) =>
  v === null || (Array.isArray(v) && v.length > 0 && v.every((word) => typeof word === 'string') && v[0] !== '')
    ? undefined
    : 'a JSON list of texts such as ["kms-client","decrypt","gastwin"]'
const url = (v: unknown) => (v === null || URL.canParse(String(v)) ? undefined : 'a URL such as http://host:8123')

export const SETTINGS = [
  {
    key: 'dataDir',
    env: 'GASTWIN_DATA_DIR',
    type: 'string',
    fallback: 'data',
    meaning: 'folder of log, snapshots, audit, accounts and the embedded engine',
  },
  {
    key: 'network',
    env: 'GASTWIN_NETWORK',
    type: 'string',
    fallback: null,
    meaning: 'network document (gastwin-network/1, JSON); required',
  },
  {
    key: 'coapHost',
    env: 'GASTWIN_COAP_HOST',
    type: 'string',
    fallback: '0.0.0.0',
    meaning: 'address on which devices are heard',
  },
  {
    key: 'coapPort',
    env: 'GASTWIN_COAP_PORT',
    type: 'integer',
    fallback: 5683,
    meaning: 'UDP port on which devices are heard',
    fault: port,
  },
  {
    key: 'dtlsPort',
    env: 'GASTWIN_DTLS_PORT',
    type: 'integer',
    fallback: null,
    meaning:
      'UDP port on which devices are heard over DTLS, by custom 5684 (docs/DTLS.md); without it there is no DTLS',
    fault: (v) => (v === null ? undefined : port(v)),
  },
  {
    key: 'dtlsKeys',
    env: 'GASTWIN_DTLS_KEYS',
    type: 'string',
    fallback: null,
    meaning:
      'file of identities, keys and the devices they may speak for (docs/DTLS.md); read again when it is written',
  },
  {
    key: 'dtlsAssociations',
    env: 'GASTWIN_DTLS_ASSOCIATIONS',
    type: 'integer',
    fallback: 100_000,
    meaning: 'DTLS associations kept at most; the one that was not heard for longest makes room',
    fault: within(1, 2_000_000),
  },
  {
    key: 'httpHost',
    env: 'GASTWIN_HTTP_HOST',
    type: 'string',
    fallback: '127.0.0.1',
    meaning: 'address of console and API; put a TLS proxy in front before opening it',
  },
  {
    key: 'httpPort',
    env: 'GASTWIN_HTTP_PORT',
    type: 'integer',
    fallback: 8080,
    meaning: 'TCP port of console and API',
    fault: port,
  },
  {
    key: 'clickhouseUrl',
    env: 'CLICKHOUSE_URL',
    type: 'string',
    fallback: null,
    meaning: 'ClickHouse server; without it the embedded engine runs',
    fault: url,
  },
  {
    key: 'clickhouseUser',
    env: 'CLICKHOUSE_USER',
    type: 'string',
    fallback: 'default',
    meaning: 'user at the ClickHouse server',
  },
  {
    key: 'clickhousePassword',
    env: 'CLICKHOUSE_PASSWORD',
    type: 'string',
    fallback: '',
    meaning: 'password at the ClickHouse server',
  },
  {
    key: 'clickhouseDatabase',
    env: 'CLICKHOUSE_DATABASE',
    type: 'string',
    fallback: 'gastwin',
    meaning: 'database; made when missing',
  },
  {
    key: 'clickhouseCluster',
    env: 'CLICKHOUSE_CLUSTER',
    type: 'string',
    fallback: null,
    meaning: 'cluster name: replicated and distributed tables are made',
  },
  {
    key: 'masterKey',
    env: 'GASTWIN_MASTER_KEY',
    type: 'string',
    fallback: null,
    meaning: 'key from which device keys are derived; without it encrypted frames are kept but not read',
    fault: hexKey,
  },
  {
    key: 'masterKeyFile',
    env: 'GASTWIN_MASTER_KEY_FILE',
    type: 'string',
    fallback: null,
    meaning: 'file of the master key, readable by its owner only, in place of masterKey',
  },
  {
    key: 'masterKeyCommand',
    env: 'GASTWIN_MASTER_KEY_COMMAND',
    type: 'json',
    fallback: null,
    meaning:
      'program and arguments (JSON list of texts, no shell) that print the master key, in place of masterKey: the hook of a KMS; run once at each start',
    fault: commandLine,
  },
  {
    key: 'kmsCommand',
    env: 'GASTWIN_KMS_COMMAND',
    type: 'json',
    fallback: null,
    meaning:
      'program and arguments (JSON list of texts, no shell) by which a KMS wraps and unwraps the root key, in place of a master key, which never leaves the KMS (docs/IDENTITY.md §7)',
    fault: commandLine,
  },
  {
    key: 'meterAuthority',
    env: 'GASTWIN_METER_AUTHORITY',
    type: 'string',
    fallback: null,
    meaning:
      'password (level first) and operator of DL/T 645, 16 hexadecimal digits; without it electricity meters behind concentrators are not ordered to anything',
    fault: (v) =>
      v === null || /^[0-9a-f]{16}$/i.test(String(v)) ? undefined : '16 hexadecimal digits: password, then operator',
  },
  {
    key: 'authorityDir',
    env: 'GASTWIN_CA_DIR',
    type: 'string',
    fallback: null,
    meaning:
      'folder of the certificate authority (`gastwin ca`): whom to believe at a first contact; its passphrase is not needed',
  },
  {
    key: 'platformKeyFile',
    env: 'GASTWIN_PLATFORM_KEY_FILE',
    type: 'string',
    fallback: null,
    meaning: 'private key of the platform’s certificate (`gastwin ca issue --platform NAME --key-file FILE`)',
  },
  {
    key: 'statusProfile',
    env: 'GASTWIN_STATUS_PROFILE',
    type: 'string',
    fallback: 'standard',
    meaning: 'reading of the CJ/T 188 status word for meters without a profile of their own',
    fault: oneOf('standard', 'cj188h', 'cat1', 'unknown'),
  },
  {
    key: 'profilesDir',
    env: 'GASTWIN_PROFILES_DIR',
    type: 'string',
    fallback: null,
    meaning: 'folder of the operator’s own vendor profiles (docs/VENDOR-PROFILES.md); read again when a file changes',
  },
  {
    key: 'pointsSettleS',
    env: 'GASTWIN_POINTS_SETTLE_S',
    type: 'integer',
    fallback: 600,
    meaning:
      'after new metering points came, seconds until analysis and ledger begin anew with them: they read weeks of the log for it (docs/DEVICES.md)',
    fault: atLeast(0),
  },
  {
    key: 'modelsDir',
    env: 'GASTWIN_MODELS_DIR',
    type: 'string',
    fallback: null,
    meaning:
      'folder of the operator’s learned models: theft.model scores, lowflow.model foretells usual use, each with NAME.shadow.model beside it (docs/THEFT.md, LOW-FLOW.md), read again when a file changes; hostile.model (docs/HOSTILE.md), read at the start',
  },
  {
    key: 'alarmNotices',
    env: 'GASTWIN_ALARM_NOTICES',
    type: 'string',
    fallback: null,
    meaning:
      'JSON file of who is told of which alarms outside of the console, and when: by a program or a POST (docs/OPERATIONS.md)',
  },
  {
    key: 'clock',
    env: 'GASTWIN_CLOCK',
    type: 'json',
    fallback: null,
    meaning: 'clock plan of a demo or replay (JSON); wall clock without it',
  },
  {
    key: 'demoScenario',
    env: 'GASTWIN_DEMO_SCENARIO',
    type: 'string',
    fallback: null,
    meaning: 'set by `gastwin demo`: the scenario that the fleet plays',
  },
  {
    key: 'demoTruth',
    env: 'GASTWIN_DEMO_TRUTH',
    type: 'string',
    fallback: null,
    meaning: 'set by `gastwin demo`: file of the truth that the fleet writes',
  },
  {
    key: 'demoPassword',
    env: 'GASTWIN_DEMO_PASSWORD',
    type: 'string',
    fallback: null,
    meaning: 'set by `gastwin demo`: throw-away password of the four demo accounts',
  },
  {
    key: 'safetyMode',
    env: 'GASTWIN_SAFETY_MODE',
    type: 'string',
    fallback: 'approval',
    meaning: 'mode of zones that have none of their own: automatic, approval or dry_run',
    fault: oneOf('automatic', 'approval', 'dry_run'),
  },
  {
    key: 'gapTargetRate',
    env: 'GASTWIN_GAP_TARGET',
    type: 'number',
    fallback: 0.047,
    meaning: 'target of the supply–sales gap as a share of supply (S0-01)',
    fault: within(0, 1),
  },
  {
    key: 'gapToleranceRate',
    env: 'GASTWIN_GAP_TOLERANCE',
    type: 'number',
    fallback: 0.03,
    meaning: 'gap rates inside ± this are drawn as normal',
    fault: within(0, 1),
  },
  {
    key: 'tariff',
    env: 'GASTWIN_TARIFF',
    type: 'string',
    fallback: null,
    meaning: 'JSON file with what a m³ is worth, for the costs of the gap (GAP.md); without it assumed prices',
  },
  {
    key: 'meterPrices',
    env: 'GASTWIN_METER_PRICES',
    type: 'string',
    fallback: null,
    meaning: 'JSON file with what a meter in its place costs by size (GAP.md); without it assumed prices',
  },
  {
    key: 'gapAssumptions',
    env: 'GASTWIN_GAP_ASSUMPTIONS',
    type: 'string',
    fallback: null,
    meaning:
      'JSON file with what is known of the place and with the utility’s own use by zone (GAP.md); without it assumptions',
  },
  {
    key: 'snapshotMinutes',
    env: 'GASTWIN_SNAPSHOT_MINUTES',
    type: 'number',
    fallback: 5,
    meaning: 'wall minutes between snapshots of the twin',
    fault: atLeast(0.001),
  },
  {
    key: 'logSegmentMb',
    env: 'GASTWIN_LOG_SEGMENT_MB',
    type: 'integer',
    fallback: 256,
    meaning: 'size at which a log segment is closed, MiB',
    fault: within(1, 4096),
  },
  {
    key: 'backlogLimit',
    env: 'GASTWIN_BACKLOG_LIMIT',
    type: 'integer',
    fallback: 20_000,
    meaning:
      'reports waiting for the log at which shedding is complete; it begins with residential meters at half of it',
    fault: atLeast(100),
  },
  {
    key: 'cellAnswersPerMinute',
    env: 'GASTWIN_CELL_ANSWERS',
    type: 'integer',
    fallback: 600,
    meaning: 'answers a minute of one radio cell above which orders that can wait, and blocks of firmware, wait',
    fault: atLeast(1),
  },
  {
    key: 'cellReportsPerMinute',
    env: 'GASTWIN_CELL_REPORTS',
    type: 'integer',
    fallback: 1_200,
    meaning:
      'reports a minute of one radio cell above which homes are told when to come again, as after an outage of the cell',
    fault: atLeast(1),
  },
  {
    key: 'campaignSecondPerson',
    env: 'GASTWIN_CAMPAIGN_SECOND_PERSON',
    type: 'integer',
    fallback: 1_000,
    meaning: 'campaigns to more devices wait until a second person agrees',
    fault: atLeast(0),
  },
  {
    key: 'ownConsentOnly',
    env: 'GASTWIN_OWN_CONSENT_ONLY',
    type: 'boolean',
    fallback: false,
    meaning:
      'a permit needs a consent that the customer gave by a token; what people of the company record counts no more',
  },
  {
    key: 'consentCommand',
    env: 'GASTWIN_CONSENT_COMMAND',
    type: 'json',
    fallback: null,
    meaning:
      'program and arguments (JSON list of texts, no shell) that sends a customer the token of an invitation: JSON with telephone and token on its input (docs/COMMANDS.md)',
    fault: commandLine,
  },
  {
    key: 'logLevel',
    env: 'GASTWIN_LOG_LEVEL',
    type: 'string',
    fallback: 'info',
    meaning: 'of the service’s own messages',
    fault: oneOf('debug', 'info', 'warn', 'error', 'silent'),
  },
] as const satisfies readonly Setting[]
