// Wire types of `halloo.v1`, one JSON object with a single key a frame.

export type Uuid = string;
export type ConversationId = Uuid;
export type MessageId = Uuid;
export type OutboxId = Uuid;
export type SessionId = Uuid;
export type VisitorId = Uuid;
export type AgentId = Uuid;
export type TeamId = Uuid;

/** Names a durable command; with its lane, for ever. */
export interface CommandId {
  outbox: OutboxId;
  ordinal: number;
}

export interface Nothing {}

/** Number 0 with tail 0 is the beginning. */
export interface Position {
  number: number;
  tail: number;
}

export interface Head {
  conversation: ConversationId;
  position: Position;
}

export type Node = { text: string } | { link: string } | { break: Nothing };
export type Body = Node[];

export type Author = 'visitor' | { agent: { id: AgentId; name: string } } | 'system';
export type Party = 'visitor' | { agent: { id: AgentId; name: string } };
export type Stream = 'public' | 'note';
export type Cause =
  | 'opened'
  | 'reopened'
  | 'routed'
  | 'accepted'
  | 'taken'
  | 'transferred'
  | 'unanswered'
  | 'agent_lost'
  | 'woken'
  | 'returned'
  | 'unknown';
export type CloseReason = 'solved' | 'not_solved' | 'no_answer' | 'visitor_left' | 'spam' | 'unknown';
export type Status = 'online' | 'away' | 'offline';
export type View = 'mine' | 'line' | 'all' | 'closed' | 'roster';
export type Target = { agent: AgentId } | { team: TeamId };

export type Code =
  | 'busy'
  | 'unavailable'
  | 'rate_limited'
  | 'bad_json'
  | 'bad_frame'
  | 'unknown_type'
  | 'bad_text'
  | 'bad_value'
  | 'not_found'
  | 'forbidden'
  | 'conflict'
  | 'out_of_order'
  | 'stale'
  | 'already_open'
  | 'closed'
  | 'unstorable'
  | 'internal'
  | 'unknown';

// Up: from a client to the gateway.

export type Up =
  | { hello: Hello }
  | { pong: Nothing }
  | { command: Command }
  | { fetch: Fetch }
  | { follow: Follow }
  | { unfollow: Unfollow }
  | { typing: TypingUp }
  | { read: ReadUp }
  | { page: Page }
  | { availability: Nothing }
  | { watch: Watch }
  | { unwatch: Watch };

export interface Hello {
  protocol: number;
  site: string;
  token?: string;
  ticket?: string;
  session: SessionId;
  generation: number;
  follows?: FollowFrom[];
  page?: Page;
}

export interface FollowFrom {
  conversation: ConversationId;
  position: Position;
}

export interface Fetch {
  conversation: ConversationId;
  after: Position;
  limit?: number;
}

export interface Follow {
  follows: FollowFrom[];
}

export interface Unfollow {
  conversation: ConversationId;
}

export interface TypingUp {
  conversation: ConversationId;
  stream: Stream;
}

export interface ReadUp {
  conversation: ConversationId;
  number: number;
}

export interface Page {
  url?: string;
  title?: string;
  language?: string;
}

export interface Watch {
  view: View;
}

export interface Command {
  id: CommandId;
  conversation?: ConversationId;
  action: Action;
}

export type Action =
  | { open: Open }
  | { say: Say }
  | { note: Say }
  | { accept: Nothing }
  | { decline: Nothing }
  | { take: Take }
  | { transfer: Transfer }
  | { park: Park }
  | { close: Close }
  | { reopen: Nothing }
  | { rate: Rate }
  | { edit: Edit }
  | { delete: Delete }
  | { status: SetStatus }
  | { accepting: SetAccepting }
  | { capacity: SetCapacity };

export interface Open {
  team?: TeamId;
  agent?: AgentId;
  body?: string;
  name?: string;
  email?: string;
  language?: string;
  offline?: boolean;
}

export interface Say {
  body: string;
}

export interface Take {
  from?: AgentId;
}

export interface Transfer {
  to: Target;
  comment?: string;
}

export interface Park {
  for_ms?: number;
}

export interface Close {
  reason: CloseReason;
}

export interface Rate {
  score: number;
  comment?: string;
}

export interface Edit {
  message: MessageId;
  body: string;
}

export interface Delete {
  message: MessageId;
}

export interface SetStatus {
  status: Status;
}

export interface SetAccepting {
  accepting: boolean;
}

export interface SetCapacity {
  capacity: number;
}

// Down: from the gateway to a client.

export type Down =
  | { ready: Ready }
  | { ping: Nothing }
  | { ok: Outcome }
  | { no: Refusal }
  | { event: Event }
  | { heads: Heads }
  | { records: Records }
  | { typing: Typing }
  | { read: Read }
  | { place: Place }
  | { availability: Availability }
  | { rows: Rows }
  | { change: Change }
  | { roster: Roster }
  | { agent: AgentState };

export interface Ready {
  protocol: number;
  site: string;
  limits: Limits;
  visitor?: VisitorSelf;
  agent?: AgentState;
  heads?: Head[];
}

export interface Limits {
  body_bytes_max: number;
  frame_bytes_max: number;
  silence_ms_max: number;
}

export interface VisitorSelf {
  id: VisitorId;
  token?: string;
}

export interface Outcome {
  command: CommandId;
  conversation?: ConversationId;
  at: number;
  made?: Made;
}

export interface Made {
  message: MessageId;
  number: number;
  tail: number;
  before: number;
}

export interface Refusal {
  code: Code;
  retryable: boolean;
  message: string;
  command?: CommandId;
  conversation?: ConversationId;
  retry_after_ms?: number;
}

export interface Event {
  conversation: ConversationId;
  before: number;
  record: Record;
}

export interface Heads {
  heads: Head[];
}

export interface Records {
  head: Head;
  resync?: boolean;
  records: Record[];
}

export interface Record {
  number: number;
  tail: number;
  id: MessageId;
  at: number;
  command?: CommandId;
  what: RecordKind;
}

export type RecordKind =
  | { opened: Opened }
  | { waiting: Waiting }
  | { offered: ByAgent }
  | { declined: ByAgent }
  | { lapsed: ByAgent }
  | { assigned: Assigned }
  | { said: Said }
  | { noted: Said }
  | { transferred: Transferred }
  | { parked: Parked }
  | { closed: Closed }
  | { reopened: Reopened }
  | { rated: Rated }
  | { edited: Edited }
  | { deleted: Deleted };

export interface Opened {
  team?: TeamId;
  offline?: boolean;
}

export interface Waiting {
  team?: TeamId;
  cause: Cause;
}

export interface ByAgent {
  agent: AgentId;
}

export interface Assigned {
  agent: AgentId;
  name: string;
  cause: Cause;
}

export interface Said {
  by: Author;
  body: Body;
}

export interface Transferred {
  by: Author;
  to: Target;
  comment?: string;
}

export interface Parked {
  by: Author;
  for_ms?: number;
}

export interface Closed {
  by: Author;
  reason: CloseReason;
}

export interface Reopened {
  by: Author;
}

export interface Rated {
  score: number;
  comment?: string;
}

export interface Edited {
  message: MessageId;
  by: Author;
  body: Body;
}

export interface Deleted {
  message: MessageId;
  by: Author;
}

export interface Typing {
  conversation: ConversationId;
  stream: Stream;
  who: Party;
}

export interface Read {
  conversation: ConversationId;
  who: Party;
  number: number;
}

export interface Place {
  conversation: ConversationId;
  place: number;
  wait?: Wait;
}

export interface Wait {
  low_s: number;
  high_s: number;
}

export interface Availability {
  online: boolean;
  waiting: number;
}

export interface Rows {
  view: View;
  revision: number;
  rows: Row[];
}

export interface Change {
  view: View;
  before: number;
  revision: number;
  conversation: ConversationId;
  row?: Row;
}

export interface Roster {
  agents: AgentRow[];
  teams: TeamName[];
}

export interface TeamName {
  id: TeamId;
  name: string;
}

export interface AgentState {
  id: AgentId;
  name: string;
  status: Status;
  accepting: boolean;
  capacity: number;
  load: number;
  lapsed?: boolean;
}

export type RowState =
  | 'waiting'
  | { offered: { agent: AgentId } }
  | { assigned: { agent: AgentId } }
  | { parked: { agent: AgentId } }
  | { closed: { reason: CloseReason } }
  | 'offline';

export interface VisitorCard {
  id: VisitorId;
  name?: string;
  email?: string;
  url?: string;
  title?: string;
  language?: string;
  browser?: string;
  present: boolean;
}

export interface Row {
  conversation: ConversationId;
  state: RowState;
  visitor: VisitorCard;
  team?: TeamId;
  priority: number;
  arrival: number;
  opened_at: number;
  since: number;
  head: number;
  read: number;
  last_at: number;
  preview?: string;
  score?: number;
}

export interface AgentRow {
  id: AgentId;
  name: string;
  status: Status;
  accepting: boolean;
  connected: boolean;
  capacity: number;
  load: number;
  teams: TeamId[];
}
