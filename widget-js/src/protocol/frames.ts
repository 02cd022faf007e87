// Generated from the Rust types in protocol/src by `cargo run -p protocol --features schema --example generate`.
// Frames are objects with a single key that names the kind. Pass over kinds and fields that are not here.

/** A string that names one kind of thing; the kinds do not mix, a plain string fits all. */
type Id<Kind extends string> = string & { readonly __id?: Kind }

/** The keys of a union of single-key objects: its kinds. */
export type KindOf<Union> = Union extends unknown ? Extract<keyof Union, string> : never

/** What stands under one key of a union of single-key objects. */
export type ContentOf<Union, Kind extends string> = Union extends { [K in Kind]: infer Content } ? Content : never

/** Version of the wire; `hello.protocol` names it. */
export const PROTOCOL = 1

/** WebSocket subprotocol to offer. */
export const SUBPROTOCOL = 'halloo.v1'

/** What to do after a close, by its code. One that is not here: as 1011. */
export const CLOSE_CODES = {
  /** Normal end. */
  1000: 'stop',
  /** The other side leaves. */
  1001: 'stop',
  /** Breach of RFC 6455. */
  1002: 'stop',
  /** Binary frames are not taken. */
  1003: 'stop',
  /** Text that is not UTF-8. */
  1007: 'stop',
  /** A frame or message over the limit; that send is dropped. */
  1009: 'resume',
  /** A fault of the gateway. */
  1011: 'resume',
  /** The node restarts or drains. */
  1012: 'resume',
  /** The node sheds load. */
  1013: 'resume',
  /** Third bad message, or a second hello. */
  4400: 'stop',
  /** Sign-in failed, expired or was revoked; or a frame came before hello. */
  4401: 'renew',
  /** This principal may not be here. */
  4403: 'stop',
  /** No such site. */
  4404: 'stop',
  /** No hello, no pong, or an unfinished message, in time. */
  4408: 'resume',
  /** A newer generation of the same session took over. */
  4409: 'stop',
  /** The conversation or the visitor was erased. */
  4410: 'wipe',
  /** The reader was too slow for too long. */
  4413: 'resume',
  /** The client's protocol is too old. */
  4426: 'reload',
  /** The allowance was overrun for too long; resume after at least 30 s. */
  4429: 'resume',
  /** The store is away, so sign-in cannot be checked. */
  4503: 'resume',
} as const

/** What a client does after a close. */
export type Return = (typeof CLOSE_CODES)[keyof typeof CLOSE_CODES]

/** Refusals after which the same command may be sent again. */
export const RETRYABLE = ['busy', 'unavailable', 'rate_limited'] as const

/** Limits that both ends know. */
export const LIMITS = {
  /** Longest frame and message in bytes: eight visitor bodies with room for escapes; more is an attack. */
  message_bytes_max: 65536,
  /** Fragments of one message; browsers send one, proxies a few. */
  fragments_max: 64,
  /** Age of an unfinished message; 64 KiB over a very slow line takes less. */
  unfinished_message_ms_max: 10000,
  /** RFC 6455 control frames a second; ours are JSON, so a client needs next to none. */
  control_frames_per_second_max: 10,
  /** JSON nesting; the deepest frame of the protocol has 7 levels. */
  json_depth_max: 16,
  /** Visitor's body in UTF-8 bytes after decoding: about two printed pages. */
  visitor_body_bytes_max: 8192,
  /** Agent's body in UTF-8 bytes: canned replies and pasted logs are longer. */
  agent_body_bytes_max: 16384,
  /** Names of people, teams and sites. */
  name_bytes_max: 256,
  /** RFC 5321, section 4.5.3.1.3: a path is at most 256 octets with its brackets. */
  email_bytes_max: 254,
  /** Page title shown to an agent. */
  title_bytes_max: 512,
  /** Page address shown to an agent; longer ones are refused by many servers too. */
  url_bytes_max: 2048,
  /** Comment beside a rating, a close or a transfer. */
  comment_bytes_max: 2048,
  /** Search words. */
  query_bytes_max: 256,
  /** Visitor token or agent ticket. */
  token_bytes_max: 512,
  /** Language tag; RFC 5646, section 4.4.1 recommends room for 35. */
  locale_bytes_max: 35,
  /** Conversations named by one hello or follow. */
  follows_max: 256,
  /** Records in one fetched page. */
  page_records_max: 100,
  /** Bytes of bodies in one fetched page; one more record may cross it. */
  page_bytes_max: 65536,
  /** Rows of one view. */
  view_rows_max: 200,
  /** Time for the first frame. */
  hello_ms_max: 5000,
  /** Shortest time between two server pings. */
  ping_ms_min: 20000,
  /** Longest time between two server pings; the spread keeps sockets from beating together. */
  ping_ms_max: 25000,
  /** Time for the answer to a ping. */
  pong_ms_max: 10000,
  /** Silence after which a client closes and resumes: one ping and its answer lost. */
  client_silence_ms_max: 40000,
  /** Time after which a client sends an unanswered command again. */
  resend_ms: 5000,
  /** Reconnect delay is random(0, min(max, base × 2^n)): this is the base, a blink on the first try. */
  reconnect_base_ms: 1000,
  /** Reconnect delay at most: half a minute is about what a person waits before reloading. */
  reconnect_ms_max: 30000,
  /** Stability after which n returns to 0. */
  reconnect_stable_ms: 60000,
  /** Typing shown without news. */
  typing_ms: 6000,
  /** A client says that it types at most this often. */
  typing_every_ms_min: 2000,
  /** Ratings run from 1 to this. */
  score_max: 5,
} as const

/** Kinds of frames to the gateway. */
export const UP_KINDS = [
  'hello',
  'pong',
  'command',
  'fetch',
  'follow',
  'unfollow',
  'typing',
  'read',
  'page',
  'availability',
  'watch',
  'unwatch',
] as const

/** Kinds of frames from the gateway. */
export const DOWN_KINDS = [
  'ready',
  'ping',
  'ok',
  'no',
  'event',
  'heads',
  'records',
  'typing',
  'read',
  'place',
  'availability',
  'rows',
  'change',
  'roster',
  'agent',
] as const

/** Kinds of durable commands. */
export const ACTION_KINDS = [
  'open',
  'say',
  'note',
  'accept',
  'decline',
  'take',
  'transfer',
  'park',
  'close',
  'reopen',
  'rate',
  'edit',
  'delete',
  'status',
  'accepting',
  'capacity',
] as const

/** Kinds of records. */
export const RECORD_KINDS = [
  'opened',
  'waiting',
  'offered',
  'declined',
  'lapsed',
  'assigned',
  'said',
  'noted',
  'transferred',
  'parked',
  'closed',
  'reopened',
  'rated',
  'edited',
  'deleted',
] as const

/** Kinds of nodes of a body. */
export const NODE_KINDS = ['text', 'link', 'break'] as const

/** What a command does. Visitors: open, say, close, reopen, rate, edit, delete. Agents: all but open and rate. */
export type Action =
  /** Visitors: opens the conversation; always ordinal 1 of its lane. It may carry the first body. */
  | { open: Open }
  /** Writes to the conversation. */
  | { say: Say }
  /** Agents: writes where visitors cannot see it. */
  | { note: Say }
  /** Agents: accepts the offer. */
  | { accept: Nothing }
  /** Agents: declines the offer. */
  | { decline: Nothing }
  /** Agents: takes it, from the line or from a colleague. */
  | { take: Take }
  /** Agents: hands it to an agent or to a team's line, with the whole transcript. */
  | { transfer: Transfer }
  /** Agents: puts it aside; it costs no capacity until it comes back. */
  | { park: Park }
  /** Closes it. A visitor's reason is always `visitor_left`. */
  | { close: Close }
  /** Opens a closed conversation again. */
  | { reopen: Nothing }
  /** Visitors: rates it. A later rating replaces an earlier one. */
  | { rate: Rate }
  /** Gives one of one's own messages a new body. */
  | { edit: Edit }
  /** Withdraws one of one's own messages. */
  | { delete: Delete }
  /** Agents, no lane: online, away or offline. */
  | { status: SetStatus }
  /** Agents, no lane: whether new conversations may come. */
  | { accepting: SetAccepting }
  /** Agents, no lane: how many conversations at once. */
  | { capacity: SetCapacity }

/** Names an agent of one site. */
export type AgentId = Id<'AgentId'>

/** An agent as colleagues see them. */
export interface AgentRow {
  accepting: boolean
  capacity: number
  /** Whether the agent has a live socket. */
  connected: boolean
  id: AgentId
  load: number
  name: string
  status: Status
  teams: TeamId[]
}

/** `agent`: the agent's own state. */
export interface AgentState {
  accepting: boolean
  capacity: number
  id: AgentId
  /** The gateway stopped new conversations because an offer lapsed. */
  lapsed: boolean
  load: number
  name: string
  status: Status
}

/** `assigned`: this agent serves it, whoever did before. */
export interface Assigned {
  agent: AgentId
  cause: Cause
  /** The name visitors are shown. */
  name: string
}

/** Who did it. */
export type Author =
  /** The visitor of this conversation. */
  | 'visitor'
  /** An agent, by the name visitors are shown. */
  | { agent: { id: AgentId; name: string } }
  /** The gateway's own rules. */
  | 'system'

/** `availability`. */
export interface Availability {
  /** Whether an agent is online and accepting; else a message can be left. */
  online: boolean
  /** How many wait in line. */
  waiting: number
}

/** What somebody wrote, as nodes in order. One of an unknown kind is passed over. */
export type Body = Node[]

/** The agent that an offer went to. */
export interface ByAgent {
  agent: AgentId
}

/** Why an assignment or a return to the line came about. */
export type Cause =
  /** The visitor opened the conversation. */
  | 'opened'
  /** The visitor wrote to a closed conversation, or someone reopened it. */
  | 'reopened'
  /** The line's turn. */
  | 'routed'
  /** An agent accepted an offer. */
  | 'accepted'
  /** An agent took it from the line or from a colleague. */
  | 'taken'
  /** Somebody transferred it. */
  | 'transferred'
  /** The agent did not answer within the team's first-reply time. */
  | 'unanswered'
  /** The agent was away for longer than the grace. */
  | 'agent_lost'
  /** A parked conversation came back. */
  | 'woken'
  /** An agent gave it back to the line. */
  | 'returned'
  /** A cause of a newer peer. */
  | 'unknown'

/** `change`: the row now belongs to the view, or no longer does. */
export interface Change {
  /** The revision before this change; another one than the client holds is a gap: watch again. */
  before: number
  conversation: ConversationId
  revision: number
  /** Absent when the conversation left the view. */
  row?: Row
  view: View
}

/** `close`. */
export interface Close {
  reason: CloseReason
}

/** Why the gateway closed a socket. */
export type CloseCode =
  /** Normal end. */
  | 1000
  /** The other side leaves. */
  | 1001
  /** Breach of RFC 6455. */
  | 1002
  /** Binary frames are not taken. */
  | 1003
  /** Text that is not UTF-8. */
  | 1007
  /** A frame or message over the limit; that send is dropped. */
  | 1009
  /** A fault of the gateway. */
  | 1011
  /** The node restarts or drains. */
  | 1012
  /** The node sheds load. */
  | 1013
  /** Third bad message, or a second hello. */
  | 4400
  /** Sign-in failed, expired or was revoked; or a frame came before hello. */
  | 4401
  /** This principal may not be here. */
  | 4403
  /** No such site. */
  | 4404
  /** No hello, no pong, or an unfinished message, in time. */
  | 4408
  /** A newer generation of the same session took over. */
  | 4409
  /** The conversation or the visitor was erased. */
  | 4410
  /** The reader was too slow for too long. */
  | 4413
  /** The client's protocol is too old. */
  | 4426
  /** The allowance was overrun for too long; resume after at least 30 s. */
  | 4429
  /** The store is away, so sign-in cannot be checked. */
  | 4503

/** The reason of a close frame: JSON text of at most 123 bytes (RFC 6455, section 5.5), or nothing. */
export interface CloseNotice {
  /** Come back after this long; overrides back-off. Present wherever the gateway asks the client to return. */
  retry_after_ms?: number
}

/** Why a conversation was closed. */
export type CloseReason =
  /** The visitor was helped. */
  | 'solved'
  /** The visitor could not be helped. */
  | 'not_solved'
  /** The visitor stopped answering. */
  | 'no_answer'
  /** The visitor left the line or ended the chat. */
  | 'visitor_left'
  /** The conversation is spam or abuse. */
  | 'spam'
  /** A reason of a newer peer. */
  | 'unknown'

/** `closed`. */
export interface Closed {
  by: Author
  reason: CloseReason
}

/** Why something was refused. */
export type Code =
  /** a queue is full; send it again */
  | 'busy'
  /** the store cannot be reached; send it again */
  | 'unavailable'
  /** too many frames; send it again later */
  | 'rate_limited'
  /** not one JSON object, or nested too deep */
  | 'bad_json'
  /** a field is missing or of another type */
  | 'bad_frame'
  /** this kind of frame or action is not known here */
  | 'unknown_type'
  /** text is empty, too long, or holds a character that is not allowed */
  | 'bad_text'
  /** a value is out of its range */
  | 'bad_value'
  /** no such conversation for this principal */
  | 'not_found'
  /** this principal may not do that */
  | 'forbidden'
  /** the same command id came with other content */
  | 'conflict'
  /** the ordinal is not the next one of this outbox */
  | 'out_of_order'
  /** the command names a state that has passed */
  | 'stale'
  /** this visitor has an open conversation */
  | 'already_open'
  /** the conversation is closed */
  | 'closed'
  /** the store refuses this content */
  | 'unstorable'
  /** a fault of the gateway; the command was not carried out */
  | 'internal'
  /** A code of a newer peer. */
  | 'unknown'

/** A durable command. Its full id is (conversation, outbox, ordinal); a retry with the same id has no second effect. */
export interface Command {
  action: Action
  /** The lane; absent for an agent's own status, accepting and capacity. */
  conversation?: ConversationId
  id: CommandId
}

/**
 * Names a durable command for ever: a retry with the same id has no second effect.
 *
 * With the lane (the conversation, or none) this is the whole command id of the contract.
 */
export interface CommandId {
  /** Dense from 1 within (lane, outbox). */
  ordinal: number
  outbox: OutboxId
}

/** Names a conversation within its site. A UUIDv7 (RFC 9562) made by the client that opens it; never authority. */
export type ConversationId = Id<'ConversationId'>

/** `delete`. */
export interface Delete {
  message: MessageId
}

/** `deleted`: that record keeps its number and loses its body. */
export interface Deleted {
  by: Author
  message: MessageId
}

/** A frame to a visitor or an agent. */
export type Down =
  /** The answer to `hello`. */
  | { ready: Ready }
  /** Answer with `pong` on receipt. */
  | { ping: Nothing }
  /** A command is durable. */
  | { ok: Outcome }
  /** A command or a frame was refused. */
  | { no: Refusal }
  /** A record was added to a followed conversation. */
  | { event: Event }
  /** Where conversations stand: after `hello`, `follow`, and whenever events may have been lost. */
  | { heads: Heads }
  /** A page of records, the answer to `fetch`. */
  | { records: Records }
  /** Somebody types; shown for 6 s. */
  | { typing: Typing }
  /** Somebody has read up to a number, in the reader's numbering. */
  | { read: Read }
  /** Visitors: the place in the line and the wait. */
  | { place: Place }
  /** Visitors: whether agents are available. */
  | { availability: Availability }
  /** Agents: all rows of a watched list. */
  | { rows: Rows }
  /** Agents: one row of a watched list changed. */
  | { change: Change }
  /** Agents: colleagues, replaced as a whole. */
  | { roster: Roster }
  /** Agents: their own state, after each change. */
  | { agent: AgentState }

/** `edit`. */
export interface Edit {
  body: string
  message: MessageId
}

/** `edited`: the new body of an earlier record. */
export interface Edited {
  body: Body
  by: Author
  message: MessageId
}

/** `event`: a record, and the tail of the one before it. */
export interface Event {
  /** The tail of the record before this one, in the reader's numbering; 0 before the first. */
  before: number
  conversation: ConversationId
  record: Record
}

/**
 * `fetch`: asks for the records after a position.
 *
 * The answer is `records`; a position whose tail does not match, or that lies above the head, gets `resync`.
 */
export interface Fetch {
  after?: Position
  conversation: ConversationId
  /** At most this many; 100 where absent. */
  limit?: number
}

/** `follow`: the answer is `heads`. */
export interface Follow {
  follows: FollowFrom[]
}

/** A conversation and where the client stands in it. */
export interface FollowFrom {
  conversation: ConversationId
  position?: Position
}

/** The last record of a conversation, in the numbering of whoever is told. */
export interface Head {
  conversation: ConversationId
  position: Position
}

/** `heads`. */
export interface Heads {
  heads: Head[]
}

/** `hello`: who is there, and where they stand. */
export interface Hello {
  /** Conversations the client shows, at most 256. */
  follows?: FollowFrom[]
  /** Counted up by the client before each attempt to connect; a higher one supersedes. */
  generation: number
  page?: Page
  /** Version of the wire; 1. */
  protocol: number
  /** Made by the page, once a load. */
  session: SessionId
  /** Public key of the site. */
  site: string
  /** Agents: a single-use ticket from `POST /api/v1/ticket`, at most 30 s old. */
  ticket?: string
  /** Visitors: the token of an earlier `ready`; absent on the first visit. */
  token?: string
}

/** What the gateway will take from this client. */
export interface Limits {
  /** Longest body in UTF-8 bytes. */
  body_bytes_max: number
  /** Longest frame in bytes. */
  frame_bytes_max: number
  /** Longest silence before the client should resume. */
  silence_ms_max: number
}

/** The record that a command made, in the sender's own numbering. */
export interface Made {
  /** The tail of the record before it. */
  before: number
  message: MessageId
  number: RecordNumber
  tail: number
}

/** Names one stored record. A UUIDv7 made by the desk. */
export type MessageId = Id<'MessageId'>

/** One piece of a body. */
export type Node =
  /** Plain text, shown as it is. */
  | { text: string }
  /** An address that may be followed: `http`, `https`, `mailto` or `tel` only. It is also its own text. */
  | { link: string }
  /** A line break. */
  | { break: Nothing }

/** An empty object. */
export type Nothing = { readonly [key: string]: never }

/** `open`: what the visitor tells before the first answer. */
export interface Open {
  /** The agent the visitor asks for; preferred for a short time. */
  agent?: AgentId
  body?: string
  email?: string
  /** RFC 5646 tag of the language the visitor speaks. */
  language?: string
  name?: string
  /** Leaves a message instead of waiting in line. */
  offline?: boolean
  /** The team whose line it joins; the site's first team where absent. */
  team?: TeamId
}

/** `opened`. */
export interface Opened {
  /** Whether it is a message left while nobody was there. */
  offline: boolean
  team?: TeamId
}

/** Names one tab's or device's queue of durable commands; made once by the client. */
export type OutboxId = Id<'OutboxId'>

/**
 * `ok`: the command is durable.
 *
 * For `say` and `note`, on the socket that sent it, `ok` stands in place of the event:
 * it carries the position and the tail before it.
 */
export interface Outcome {
  /** Store time of the commit, Unix milliseconds. */
  at: number
  command: CommandId
  conversation?: ConversationId
  /** The record the command made, where it made one the sender can see. */
  made?: Made
}

/** `page`: where the visitor is, and with what. */
export interface Page {
  /** RFC 5646 tag. */
  language?: string
  title?: string
  url?: string
}

/** `park`. */
export interface Park {
  /** It comes back by itself after this long; else when the visitor writes or an agent takes it. */
  for_ms?: number
}

/** `parked`. */
export interface Parked {
  by: Author
  /** It comes back by itself after this long; else when the visitor writes or an agent takes it. */
  for_ms?: number
}

/** Whose doing an ephemeral frame tells of. */
export type Party =
  /** The visitor of this conversation. */
  | 'visitor'
  /** An agent, by the name visitors are shown. */
  | { agent: { id: AgentId; name: string } }

/** `place`: 1 is next. */
export interface Place {
  conversation: ConversationId
  place: number
  /** The wait from now; absent when it cannot be told honestly. */
  wait?: Wait
}

/** Where a reader stands: the last record it holds. Number 0 with tail 0 is the beginning. */
export interface Position {
  number: RecordNumber
  tail: number
}

/** `rate`. */
export interface Rate {
  comment?: string
  /** From 1 to 5. */
  score: number
}

/** `rated`: the latest one counts. */
export interface Rated {
  comment?: string
  /** From 1 to 5. */
  score: number
}

/** `read`. */
export interface Read {
  conversation: ConversationId
  number: RecordNumber
  who: Party
}

/** `read`: the highest number wins. */
export interface ReadUp {
  conversation: ConversationId
  number: RecordNumber
}

/** `ready`: the socket is signed in. */
export interface Ready {
  agent?: AgentState
  /** Visitors: what the site says to them before they say anything; absent: the client's own words. */
  greeting?: string
  /** Where the followed conversations stand; one that is missing cannot be followed. */
  heads?: Head[]
  limits: Limits
  protocol: number
  /** The site's name, as visitors see it. */
  site: string
  visitor?: VisitorSelf
}

/** One fact of a conversation, in the numbering of whoever reads it. */
export interface Record {
  /** Display time, Unix milliseconds. */
  at: number
  /** The command that made this record; told to its author only. */
  command?: CommandId
  id: MessageId
  number: RecordNumber
  tail: number
  what: RecordKind
}

/** What a record says. Kinds marked "agents only" have no public number and never reach a visitor. */
export type RecordKind =
  /** The visitor opened the conversation, or left a message while nobody was there. */
  | { opened: Opened }
  /** It joined, or went back to, the line of a team. */
  | { waiting: Waiting }
  /** Agents only: it was offered to an agent. */
  | { offered: ByAgent }
  /** Agents only: the agent declined the offer. */
  | { declined: ByAgent }
  /** Agents only: the offer lapsed. */
  | { lapsed: ByAgent }
  /** An agent serves it from now on. */
  | { assigned: Assigned }
  /** Somebody wrote. */
  | { said: Said }
  /** Agents only: a note. */
  | { noted: Said }
  /** Agents only: it was transferred, with a word to the next one. */
  | { transferred: Transferred }
  /** Agents only: it was put aside and costs no capacity. */
  | { parked: Parked }
  /** It was closed. */
  | { closed: Closed }
  /** It was reopened. */
  | { reopened: Reopened }
  /** The visitor rated the conversation. */
  | { rated: Rated }
  /** A message has a new body. */
  | { edited: Edited }
  /** A message was withdrawn; its body is gone. */
  | { deleted: Deleted }

/**
 * A record's number within its conversation, dense from 1; 0 stands before the first.
 *
 * Visitors are shown public numbers, agents full ones.
 * At most 2^53 - 1, so that a JavaScript number holds it exactly.
 */
export type RecordNumber = number

/** `records`: a page in order, and the head when it was read. */
export interface Records {
  head: Head
  records: Record[]
  /** The position named by `fetch` is not of this history: forget it and start from the beginning. */
  resync: boolean
}

/** `no`: a command or a frame was refused. */
export interface Refusal {
  code: Code
  /** The refused command, where the frame was one. */
  command?: CommandId
  /** The lane of that command; with `already_open`, the conversation that is open. */
  conversation?: ConversationId
  /** A sentence for people who write clients; never shown to visitors as it is. */
  message: string
  /** Wait at least this long before sending it again. */
  retry_after_ms?: number
  /** Whether the same command may be sent again. */
  retryable: boolean
}

/** `reopened`; `waiting` or `assigned` follows. */
export interface Reopened {
  by: Author
}

/** `roster`. */
export interface Roster {
  agents: AgentRow[]
  teams: TeamName[]
}

/** One conversation in a list. */
export interface Row {
  /** Order of arrival within the site; kept through returns to the line. */
  arrival: number
  conversation: ConversationId
  /** Full number of the last record. */
  head: RecordNumber
  /** Unix milliseconds of the last record. */
  last_at: number
  /** Unix milliseconds. */
  opened_at: number
  /** The beginning of the last message. */
  preview?: string
  /** Lower is served first. */
  priority: number
  /** Full number up to which an agent has read. */
  read: RecordNumber
  score?: number
  /** When it came into its present state, Unix milliseconds. */
  since: number
  state: RowState
  team?: TeamId
  visitor: VisitorCard
}

/** Where a conversation stands. */
export type RowState =
  /** In a team's line. */
  | 'waiting'
  /** On offer to an agent, who has not answered yet. */
  | { offered: { agent: AgentId } }
  /** Served by an agent. */
  | { assigned: { agent: AgentId } }
  /** Put aside by an agent. */
  | { parked: { agent: AgentId } }
  /** Over, until somebody reopens it. */
  | { closed: { reason: CloseReason } }
  /** A message left while nobody was there; an agent takes it. */
  | 'offline'

/** `rows`. */
export interface Rows {
  /** Counts the changes of this view. */
  revision: number
  rows: Row[]
  view: View
}

/** `said` and `noted`. */
export interface Said {
  body: Body
  by: Author
}

/** `say` and `note`: the text, as it was written. */
export interface Say {
  body: string
}

/** Names one page load. 128 bits made by the page. */
export type SessionId = Id<'SessionId'>

/** `accepting`. */
export interface SetAccepting {
  accepting: boolean
}

/** `capacity`. */
export interface SetCapacity {
  /** From 0 to 100. */
  capacity: number
}

/** `status`. */
export interface SetStatus {
  status: Status
}

/** An agent's chosen status. */
export type Status =
  /** At work; new conversations come while the agent accepts them. */
  | 'online'
  /** Back soon; no new conversations. */
  | 'away'
  /** Not at work. */
  | 'offline'

/** Which stream of a conversation: visitors cannot see `note`. */
export type Stream = 'public' | 'note'

/** `take`. */
export interface Take {
  /** The assignee the agent believes in; absent for the line. Another one makes it `stale`. */
  from?: AgentId
}

/** Where a conversation is transferred to. */
export type Target =
  | { agent: AgentId }
  | { team: TeamId }

/** Names a team of one site. */
export type TeamId = Id<'TeamId'>

/** A team and its name. */
export interface TeamName {
  id: TeamId
  name: string
}

/** `transfer`. */
export interface Transfer {
  comment?: string
  to: Target
}

/** `transferred`; `waiting` or `assigned` follows. */
export interface Transferred {
  by: Author
  comment?: string
  to: Target
}

/** `typing`. */
export interface Typing {
  conversation: ConversationId
  stream: Stream
  who: Party
}

/** `typing`: shown for 6 s. */
export interface TypingUp {
  conversation: ConversationId
  stream: Stream
}

/** `unfollow`. */
export interface Unfollow {
  conversation: ConversationId
}

/** A frame from a visitor or an agent. */
export type Up =
  /** The first frame of every socket, within 5 s. */
  | { hello: Hello }
  /** The answer to `ping`, on receipt. */
  | { pong: Nothing }
  /** A durable command. */
  | { command: Command }
  /** Asks for records that the reader lacks; one page in flight. */
  | { fetch: Fetch }
  /** Follows conversations: agents, any they may read; visitors, their own. */
  | { follow: Follow }
  /** Stops following. */
  | { unfollow: Unfollow }
  /** Says that the sender types; at most every 2 s. */
  | { typing: TypingUp }
  /** The highest number the sender has read, in the sender's numbering. */
  | { read: ReadUp }
  /** Visitors: the page they are on. */
  | { page: Page }
  /** Visitors: asks whether agents are available; answered by `availability`, again when it changes. */
  | { availability: Nothing }
  /** Agents: asks for a list and its changes. */
  | { watch: Watch }
  /** Agents: ends a watch. */
  | { unwatch: Watch }

/** A list of the console. */
export type View =
  /** Offered or assigned to the agent, or parked by them. */
  | 'mine'
  /** Waiting, and messages left offline. */
  | 'line'
  /** All that is not closed. */
  | 'all'
  /** Closed, the latest first. */
  | 'closed'
  /** Colleagues, with status and load; answered by `roster`. */
  | 'roster'

/** What an agent is shown of a visitor. All of it is the visitor's own word. */
export interface VisitorCard {
  browser?: string
  email?: string
  id: VisitorId
  language?: string
  name?: string
  /** Whether the visitor has the conversation open now. */
  present: boolean
  title?: string
  /** The page the visitor was last on. */
  url?: string
}

/** Names a visitor of one site. */
export type VisitorId = Id<'VisitorId'>

/** The visitor as the gateway knows them. */
export interface VisitorSelf {
  id: VisitorId
  /** A new token to keep in place of the old one. */
  token?: string
}

/** A range that holds the true wait in at least 9 of 10 cases. */
export interface Wait {
  high_s: number
  low_s: number
}

/** `waiting`: no agent serves it now. */
export interface Waiting {
  cause: Cause
  team?: TeamId
}

/** `watch` and `unwatch`: the answer to `watch` is `rows`, then a `change` for each change. */
export interface Watch {
  view: View
}
