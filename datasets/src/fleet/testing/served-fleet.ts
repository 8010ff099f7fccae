import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { type ClockPlan, eventTime, type NetworkDocument } from '@gastwin/twin'
import { Accounts } from '../../../../server/src/http/auth/accounts.ts'
import { TestAuthority } from '../../../../server/src/identity/testing/demo-authority.ts'
import { ApiCaller } from '../../../../server/src/pipeline/testing/api-caller.ts'
import {
  type ServiceProcess,
  spawnService,
  TEST_MASTER_KEY,
} from '../../../../server/src/pipeline/testing/service-process.ts'
import type { CityTruth } from '../../city/city-truth.ts'
import { Fleet } from '../fleet.ts'
import type { FleetOptions } from '../fleet-options.ts'

export interface ServedFleetOptions {
  /** Begins the name of the folder in which all of it stands. */
  readonly name: string
  readonly document: NetworkDocument
  readonly truth: CityTruth
  /** Event time that the city's clock begins at, Unix ms, and how many times faster than the wall it runs. */
  readonly begin: number
  readonly speed: number
  /** Until the clock begins to run, ms of the wall: the night must not pass while a busy machine starts the service. */
  readonly leadMs: number
  /** Numbers of the devices that make first contacts with a certificate. */
  readonly certified?: readonly number[]
  /** More settings of the service. */
  readonly env?: Readonly<Record<string, string>>
  readonly fleet: Pick<FleetOptions, 'scenario' | 'seed' | 'loss' | 'steadyConcentrators'>
  /** The fleet's own clock of the wall, Unix ms. */
  readonly wall?: (plan: ClockPlan) => number
  /** Opens something between the fleet and the service; returns the port that the fleet speaks to. */
  readonly through?: (coapPort: number) => Promise<number>
}

/** A fleet on real sockets and the service that hears it, as users run it, with the utility's authority; in a folder of its own. */
export class ServedFleet {
  readonly dataDir: string
  readonly authority: TestAuthority
  readonly plan: ClockPlan
  readonly #dir: string
  readonly #env: Readonly<Record<string, string>>
  #service: ServiceProcess | undefined
  #fleet: Fleet | undefined
  #callers: readonly ApiCaller[] = []

  private constructor(dir: string, plan: ClockPlan, authority: TestAuthority, env: ServedFleetOptions['env']) {
    this.#dir = dir
    this.dataDir = path.join(dir, 'data')
    this.plan = plan
    this.authority = authority
    this.#env = { ...authority.environment, GASTWIN_CLOCK: JSON.stringify(plan), ...env }
  }

  /** Starts the service and lets the fleet run. */
  static async open(options: ServedFleetOptions): Promise<ServedFleet> {
    const { document, truth, certified = [], wall } = options
    const dir = await mkdtemp(path.join(os.tmpdir(), `gastwin-${options.name}-`))
    await writeFile(path.join(dir, 'network.json'), JSON.stringify(document))
    const masterKey = Buffer.from(TEST_MASTER_KEY, 'hex')
    const authority = new TestAuthority(dir, masterKey)
    const accounts = await Accounts.open(path.join(dir, 'data'))
    const keys = [await accounts.addApiKey('first', 'admin'), await accounts.addApiKey('second', 'admin')]
    const made = authority.makeAll(certified)
    const devices = new Map(made.map((making) => [Number(making.certificate.subject), making]))
    const plan = { segments: [{ wall: Date.now() + options.leadMs, event: options.begin, speed: options.speed }] }
    const served = new ServedFleet(dir, plan, authority, options.env)
    served.#callers = keys.map((key) => new ApiCaller(() => served.service.url, key))
    served.#service = await served.#spawn(0)
    const port = (await options.through?.(served.service.coapPort)) ?? served.service.coapPort
    served.#fleet = await Fleet.open({
      ...{ document, truth, host: '127.0.0.1', port, plan, masterKey, sockets: 64, ...options.fleet },
      identities: { authorityKey: authority.folder.certificate.publicKey, devices },
      ...(wall !== undefined && { wall: () => wall(plan) }),
    })
    served.#fleet.run()
    return served
  }

  get service(): ServiceProcess {
    if (this.#service === undefined) throw new Error('the service was not started')
    return this.#service
  }

  get fleet(): Fleet {
    if (this.#fleet === undefined) throw new Error('the fleet was not opened')
    return this.#fleet
  }

  /** The API as an administrator asks it. */
  get api(): ApiCaller {
    return this.#caller(0)
  }

  /** As another one does, where two are needed. */
  get second(): ApiCaller {
    return this.#caller(1)
  }

  /** Event time of the city, Unix ms. */
  readonly now = (): number => Math.round(eventTime(this.plan, Date.now()))

  /** Ends the service with kill -9 and starts it at the same port. */
  async killAndStart(): Promise<void> {
    const { coapPort } = this.service
    await this.service.kill()
    this.#service = await this.#spawn(coapPort)
  }

  async close(): Promise<void> {
    await this.#fleet?.close()
    await this.#service?.kill()
    await rm(this.#dir, { recursive: true, force: true })
  }

  #caller(which: number): ApiCaller {
    const caller = this.#callers[which]
    if (caller === undefined) throw new Error('the service has no such administrator')
    return caller
  }

  #spawn(coapPort: number): Promise<ServiceProcess> {
    return spawnService({
      ...{ network: path.join(this.#dir, 'network.json'), dataDir: this.dataDir, coapPort },
      env: this.#env,
    }).ready
  }
}
