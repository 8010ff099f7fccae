import type {
  CloseMeterRequest,
  CommandRecord,
  ConsentRequest,
  ConsentView,
  CustomerAnswer,
  CustomerQuestion,
  DeviceOrderRequest,
  InvitationRequest,
  InvitationView,
  MadeInvitation,
  MeterOrdersAnswer,
  MeterOrdersRequest,
  PermitRequest,
  PressTask,
  SettingRequest,
} from '../contract/index.ts'

/** What people order of single meters, and what customers agreed to there. */
export interface OrderApplication {
  /** Queues the closing of a meter's own valve for its next report. */
  closeMeter(request: CloseMeterRequest, user: string): Promise<CommandRecord>
  setParameter(request: SettingRequest, user: string): Promise<CommandRecord>
  /** Any other order for a meter. */
  orderDevice(request: DeviceOrderRequest, user: string): Promise<CommandRecord>
  /** Orders for meters behind a concentrator, through it. */
  orderBehind(number: string, request: MeterOrdersRequest, user: string): Promise<MeterOrdersAnswer>
  cancelCommand(id: number, user: string): Promise<CommandRecord>
  /** For a time the button at the meter opens its valve, once the customer's consent is on record. */
  permitOpening(request: PermitRequest, user: string): Promise<CommandRecord>
  consents(limit: number, device?: string): ConsentView[]
  recordConsent(request: ConsentRequest, user: string): Promise<ConsentView>
  revokeConsent(id: string, user: string): Promise<ConsentView>
  invitations(limit: number, device?: string): InvitationView[]
  /** Asks the customer. @param isApplication the token is told to it, to nobody else */
  inviteCustomer(request: InvitationRequest, user: string, isApplication: boolean): Promise<MadeInvitation>
  customerQuestion(token: string, address: string): CustomerQuestion
  customerAnswer(token: string, address: string, answer: CustomerAnswer): Promise<CustomerQuestion>
  /** Newest first; of one device, or of all. */
  commands(limit: number, device?: string): CommandRecord[]
  /** Buttons that are to be pressed, the first to expire first; of one device, or of all. */
  presses(limit: number, device?: string): PressTask[]
}
