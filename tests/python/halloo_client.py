"""A client of halloo.v1, written from protocol/README.md and protocol/generated/asyncapi.yaml alone.

It is the wire's second implementation: it shares no code and no types with the gateway.
State lives in memory, which the page allows to a client that ends with its program.
"""

from __future__ import annotations

import asyncio
import http.cookiejar
import json
import random
import secrets
import time
import urllib.error
import urllib.request
import uuid
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from urllib.parse import quote, urlsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

SUBPROTOCOL = "halloo.v1"
RESEND_S = 5.0
BACK_OFF_BASE_S = 1.0
BACK_OFF_MAX_S = 30.0
STABLE_S = 60.0
ASK_S = 15.0

STOP = {1000, 1001, 1002, 1003, 1007, 4400, 4403, 4404, 4409}
RENEW, WIPE, RELOAD, RATE_LIMITED = 4401, 4410, 4426, 4429
USES_ORDINAL = {"forbidden", "stale", "already_open", "closed", "unstorable", "internal"}


class Refused(Exception):
    """A final `no`."""

    def __init__(self, refusal: dict):
        super().__init__(f"{refusal['code']}: {refusal['message']}")
        self.code: str = refusal["code"]
        self.refusal = refusal


class Stopped(Exception):
    """The gateway closed the socket with a code after which a client stops."""

    def __init__(self, code: int):
        super().__init__(f"closed with {code}")
        self.code = code


def uuid7() -> str:
    """RFC 9562, section 5.7."""
    bits = (int(time.time() * 1000) << 80) | secrets.randbits(80)
    bits = bits & ~(0xF << 76) | (0x7 << 76)
    bits = bits & ~(0x3 << 62) | (0x2 << 62)
    return str(uuid.UUID(int=bits))


def text_of(body: list[dict]) -> str:
    """A body as text; nodes of an unknown kind are passed over."""
    parts = {"text": lambda text: text, "link": lambda address: address, "break": lambda _: "\n"}
    return "".join(parts[kind](value) for node in body for kind, value in node.items() if kind in parts)


class Rest:
    """An agent's way to a ticket: sign in once, then a ticket for each socket."""

    def __init__(self, url: str):
        self.url = url.rstrip("/")
        self.cookies = http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.cookies))

    async def sign_in(self, **proof: str) -> dict:
        return await self._post("/api/v1/sign-in", proof)

    async def ticket(self, site: str) -> str:
        return (await self._post("/api/v1/ticket", {"site": site}))["ticket"]

    async def _post(self, path: str, body: dict) -> dict:
        return await asyncio.to_thread(self._post_now, path, body)

    def _post_now(self, path: str, body: dict) -> dict:
        headers = {"content-type": "application/json", "origin": self.url}
        request = urllib.request.Request(self.url + path, json.dumps(body).encode(), headers, method="POST")
        try:
            with self.opener.open(request, timeout=ASK_S) as answer:
                return json.loads(answer.read() or b"{}")
        except urllib.error.HTTPError as error:
            raise RuntimeError(f"POST {path}: {error.code} {error.read().decode(errors='replace')}") from None


@dataclass
class Conversation:
    """The records of one conversation, in this reader's numbering."""

    id: str
    records: list[dict] = field(default_factory=list)
    fetching: bool = False

    @property
    def position(self) -> dict:
        if not self.records:
            return {"number": 0, "tail": 0}
        last = self.records[-1]
        return {"number": last["number"], "tail": last["tail"]}

    def take(self, record: dict, before: int) -> bool:
        """Applies a record or drops it; False asks for a fetch."""
        mine = self.position
        if record["number"] == mine["number"] + 1 and before == mine["tail"]:
            self.records.append(record)
            return True
        return record["number"] < mine["number"] or (
            record["number"] == mine["number"] and record["tail"] == mine["tail"]
        )

    def said(self) -> list[str]:
        return [text_of(record["what"]["said"]["body"]) for record in self.records if "said" in record["what"]]

    def has(self, kind: str) -> bool:
        return any(kind in record["what"] for record in self.records)


@dataclass
class Pending:
    """A durable command on its way: saved before it is sent, the same at each try."""

    action: dict
    answer: asyncio.Future
    frame: dict | None = None
    due: float = 0.0


@dataclass
class Lane:
    next_ordinal: int = 1
    waiting: deque[Pending] = field(default_factory=deque)


class Client:
    """One session: one page load of a visitor or an agent. `run` keeps it connected."""

    def __init__(
        self, url: str, site: str, *, token: str | None = None, ticket: Callable[[], Awaitable[str]] | None = None
    ):
        self.origin = url.rstrip("/")
        self.site = site
        self.token = token
        self.get_ticket = ticket
        self.session = str(uuid.uuid4())
        self.generation = 0
        self.outbox = str(uuid.uuid4())
        self.lanes: dict[str | None, Lane] = {}
        self.asked: dict[tuple, asyncio.Future] = {}
        self.conversations: dict[str, Conversation] = {}
        self.views: dict[str, dict] = {}
        self.ready: dict | None = None
        self.readies = 0
        self.ready_at = 0.0
        self.ready_generation = 0
        self.frames: deque[dict] = deque(maxlen=1000)
        self.heard = 0.0
        self.socket: ClientConnection | None = None
        self.stopped: Exception | None = None
        self.changed = asyncio.Condition()
        self.task: asyncio.Task | None = None

    # Life.

    async def __aenter__(self) -> Client:
        self.task = asyncio.create_task(self.run())
        await self.until(lambda: self.ready is not None)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self.task:
            self.task.cancel()
            await asyncio.gather(self.task, return_exceptions=True)

    async def run(self) -> None:
        """Connects, listens, comes back as the close says."""
        tries, renewed = 0, False
        try:
            while True:
                self.generation += 1
                started = time.monotonic()
                code, wait_s = await self._live()
                if self.ready_at >= started:
                    renewed = False
                if time.monotonic() - started > STABLE_S:
                    tries = 0
                if code == RENEW and not renewed:
                    renewed, self.token = True, None
                    continue
                if code in STOP or code in {RENEW, WIPE, RELOAD}:
                    raise Stopped(code)
                back_off = random.uniform(0, min(BACK_OFF_MAX_S, BACK_OFF_BASE_S * 2**tries))
                if code == RATE_LIMITED:
                    wait_s = max(wait_s or 0.0, 30.0)
                await asyncio.sleep(wait_s if wait_s is not None else back_off)
                tries += 1
        except Exception as error:
            self.stopped = error
            await self._tell()

    async def _live(self) -> tuple[int, float | None]:
        """One socket, from connect to close: its code, and the wait it asks for."""
        parts = urlsplit(self.origin)
        scheme = "wss" if parts.scheme == "https" else "ws"
        path = "/v1/socket" if self.get_ticket else f"/v1/socket/{quote(self.site, safe='')}"
        try:
            async with connect(
                f"{scheme}://{parts.netloc}{path}",
                origin=self.origin,
                subprotocols=[SUBPROTOCOL],
                compression=None,
                ping_interval=None,
                open_timeout=10,
                max_size=None,
            ) as socket:
                self.socket = socket
                watch = asyncio.create_task(self._watch(socket))
                try:
                    await self._hello(socket)
                    await self._listen(socket)
                finally:
                    watch.cancel()
                    self.socket = None
        except ConnectionClosed as closed:
            if closed.rcvd is None:
                return 1006, None
            return closed.rcvd.code, retry_after_s(closed.rcvd.reason)
        except (OSError, InvalidHandshake, TimeoutError):
            return 1006, None
        return 1000, None

    async def _hello(self, socket: ClientConnection) -> None:
        follows = [
            {"conversation": conversation.id, "position": conversation.position}
            for conversation in self.conversations.values()
        ]
        hello = {"protocol": 1, "site": self.site, "session": self.session, "generation": self.generation}
        if follows:
            hello["follows"] = follows
        if self.get_ticket:
            hello["ticket"] = await self.get_ticket()
        elif self.token:
            hello["token"] = self.token
        self.heard = time.monotonic()
        await socket.send(json.dumps({"hello": hello}))

    async def _listen(self, socket: ClientConnection) -> None:
        while True:
            frame = json.loads(await socket.recv())
            self.heard = time.monotonic()
            self.frames.append(frame)
            ((kind, content),) = frame.items()
            handle = getattr(self, f"_on_{kind}", None)
            if handle:
                await handle(content)
            await self._tell()

    async def _watch(self, socket: ClientConnection) -> None:
        """Resends what is overdue, and gives up a silent socket."""
        while True:
            await asyncio.sleep(0.25)
            silence_s = (self.ready or {}).get("limits", {}).get("silence_ms_max", 40_000) / 1000
            if time.monotonic() - self.heard > silence_s:
                socket.transport.abort()
                return
            if self.readies and self.ready_generation == self.generation:
                await self._send_due()

    def drop(self) -> None:
        """Loses the connection, as a network does; `run` comes back."""
        if self.socket:
            self.socket.transport.abort()

    # Frames down.

    async def _on_ready(self, ready: dict) -> None:
        self.ready = ready
        self.readies += 1
        self.ready_at = time.monotonic()
        self.ready_generation = self.generation
        self.token = ready.get("visitor", {}).get("token", self.token)
        for conversation in self.conversations.values():
            conversation.fetching = False
        for view in self.views:
            await self._send({"watch": {"view": view}})
        await self._on_heads({"heads": ready.get("heads", [])})
        for lane in self.lanes.values():
            for pending in lane.waiting:
                pending.due = 0.0
        await self._send_due()

    async def _on_ping(self, _: dict) -> None:
        await self._send({"pong": {}})

    async def _on_ok(self, outcome: dict) -> None:
        key = answer_key(outcome)
        pending = self._pending(key)
        if pending and "made" in outcome and pending.action.keys() & {"say", "note"}:
            await self._own_record(outcome, pending.action)
        if pending:
            self._settle(key, used=True)
            pending.answer.set_result(outcome)
        elif key in self.asked:
            self.asked.pop(key).set_result(outcome)
        await self._send_due()

    async def _own_record(self, outcome: dict, action: dict) -> None:
        """`ok` stands in place of the event of one's own say or note."""
        ((kind, content),) = action.items()
        made = outcome["made"]
        author = "visitor" if not self.get_ticket else {"agent": {"id": self.ready["agent"]["id"], "name": "me"}}
        what = {{"say": "said", "note": "noted"}[kind]: {"by": author, "body": [{"text": content["body"]}]}}
        record = {"number": made["number"], "tail": made["tail"], "id": made["message"], "at": outcome["at"]}
        record |= {"command": outcome["command"], "what": what}
        await self._on_event({"conversation": outcome["conversation"], "before": made["before"], "record": record})

    async def _on_no(self, refusal: dict) -> None:
        wait_s = refusal.get("retry_after_ms", 1000) / 1000
        if "command" not in refusal:
            await self._fetch_again(refusal.get("conversation"), wait_s)
            return
        # With `already_open` the lane is not named, but the conversation that is open.
        key, pending = self._refused(refusal)
        if pending and refusal["retryable"]:
            pending.due = time.monotonic() + wait_s
        elif pending:
            self._settle(key, used=refusal["code"] in USES_ORDINAL)
            pending.answer.set_exception(Refused(refusal))
        elif key in self.asked:
            self.asked.pop(key).set_exception(Refused(refusal))
        await self._send_due()

    async def _on_event(self, event: dict) -> None:
        conversation = self.conversation(event["conversation"])
        if not conversation.take(event["record"], event["before"]):
            await self._fetch(conversation)

    async def _on_heads(self, heads: dict) -> None:
        for head in heads["heads"]:
            conversation = self.conversation(head["conversation"])
            if head["position"] != conversation.position:
                await self._fetch(conversation)

    async def _on_records(self, page: dict) -> None:
        conversation = self.conversation(page["head"]["conversation"])
        conversation.fetching = False
        if page.get("resync"):
            conversation.records.clear()
        for record in page["records"]:
            if record["number"] == conversation.position["number"] + 1:
                conversation.records.append(record)
        if page["head"]["position"]["number"] > conversation.position["number"] or page.get("resync"):
            await self._fetch(conversation)

    async def _on_rows(self, rows: dict) -> None:
        by_id = {row["conversation"]: row for row in rows["rows"]}
        self.views[rows["view"]] = {"revision": rows["revision"], "rows": by_id}

    async def _on_change(self, change: dict) -> None:
        view = self.views.get(change["view"])
        if view is None or view["revision"] != change["before"]:
            await self._send({"watch": {"view": change["view"]}})
            return
        view["revision"] = change["revision"]
        if "row" in change:
            view["rows"][change["conversation"]] = change["row"]
        else:
            view["rows"].pop(change["conversation"], None)

    async def _on_agent(self, agent: dict) -> None:
        if self.ready:
            self.ready["agent"] = agent

    # Frames up.

    async def command(self, action: dict, conversation: str | None = None) -> dict:
        """Sends a durable command after those before it on its lane; its `ok`, or `Refused`."""
        pending = Pending(action, asyncio.get_running_loop().create_future())
        self.lanes.setdefault(conversation, Lane()).waiting.append(pending)
        await self._send_due()
        return await asyncio.wait_for(pending.answer, ASK_S)

    async def open(self, **content: object) -> str:
        conversation = uuid7()
        self.conversation(conversation)
        await self.command({"open": content}, conversation)
        return conversation

    async def say(self, conversation: str, body: str) -> dict:
        return await self.command({"say": {"body": body}}, conversation)

    async def ask_again(self, command: dict) -> dict:
        """Sends a command frame as it stands, whatever became of it before, until it is settled."""
        key = (command.get("conversation"), command["id"]["outbox"], command["id"]["ordinal"])
        for _ in range(int(ASK_S)):
            self.asked[key] = asyncio.get_running_loop().create_future()
            await self._send({"command": command})
            try:
                return await asyncio.wait_for(self.asked[key], RESEND_S)
            except TimeoutError:
                continue
            except Refused as refused:
                if not refused.refusal["retryable"]:
                    raise
                await asyncio.sleep(refused.refusal.get("retry_after_ms", 1000) / 1000)
        raise TimeoutError("the command was never settled")

    async def watch_view(self, view: str) -> None:
        self.views.setdefault(view, {"revision": -1, "rows": {}})
        await self._send({"watch": {"view": view}})
        await self.until(lambda: self.views[view]["revision"] >= 0)

    async def typing(self, conversation: str) -> None:
        await self._send({"typing": {"conversation": conversation, "stream": "public"}})

    async def read(self, conversation: str) -> None:
        number = self.conversation(conversation).position["number"]
        await self._send({"read": {"conversation": conversation, "number": number}})

    def conversation(self, id: str) -> Conversation:
        return self.conversations.setdefault(id, Conversation(id))

    async def until(self, holds: Callable[[], bool], timeout_s: float = ASK_S) -> None:
        """Waits for something to be true of this client's state."""

        async def wait() -> None:
            async with self.changed:
                await self.changed.wait_for(lambda: self.stopped is not None or holds())

        await asyncio.wait_for(wait(), timeout_s)
        if self.stopped and not holds():
            raise self.stopped

    async def _tell(self) -> None:
        async with self.changed:
            self.changed.notify_all()

    async def _fetch(self, conversation: Conversation) -> None:
        """One page in flight for each conversation."""
        if not conversation.fetching:
            conversation.fetching = True
            await self._send({"fetch": {"conversation": conversation.id, "after": conversation.position}})

    async def _fetch_again(self, id: str | None, wait_s: float) -> None:
        conversation = self.conversations.get(id) if id else None
        if conversation and conversation.fetching:
            conversation.fetching = False
            asyncio.get_running_loop().call_later(wait_s, lambda: asyncio.ensure_future(self._fetch(conversation)))

    async def _send_due(self) -> None:
        """The first command of each lane, when it was never sent or its answer is overdue."""
        if self.ready_generation != self.generation or not self.socket:
            return
        for name, lane in self.lanes.items():
            pending = lane.waiting[0] if lane.waiting else None
            if pending is None or pending.due > time.monotonic():
                continue
            if pending.frame is None:
                pending.frame = {"id": {"outbox": self.outbox, "ordinal": lane.next_ordinal}, "action": pending.action}
                if name is not None:
                    pending.frame["conversation"] = name
            pending.due = time.monotonic() + RESEND_S
            await self._send({"command": pending.frame})

    async def _send(self, frame: dict) -> None:
        if self.socket:
            try:
                await self.socket.send(json.dumps(frame))
            except ConnectionClosed:
                # `_listen` sees it too and comes back; what is durable is sent again.
                pass

    def _pending(self, key: tuple) -> Pending | None:
        lane = self.lanes.get(key[0])
        pending = lane.waiting[0] if lane and lane.waiting else None
        if pending and pending.frame and key[1:] == (self.outbox, pending.frame["id"]["ordinal"]):
            return pending
        return None

    def _refused(self, refusal: dict) -> tuple[tuple, Pending | None]:
        key = answer_key(refusal)
        if refusal["code"] != "already_open":
            return key, self._pending(key)
        for name, lane in self.lanes.items():
            if lane.waiting and "open" in lane.waiting[0].action:
                return (name, *key[1:]), lane.waiting[0]
        return key, None

    def _settle(self, key: tuple, used: bool) -> None:
        lane = self.lanes[key[0]]
        lane.waiting.popleft()
        lane.next_ordinal += 1 if used else 0


def answer_key(answer: dict) -> tuple:
    return answer.get("conversation"), answer["command"]["outbox"], answer["command"]["ordinal"]


def retry_after_s(reason: str) -> float | None:
    """The wait that a close asks for; a reason of another make says nothing."""
    try:
        wait_ms = json.loads(reason).get("retry_after_ms")
    except (ValueError, AttributeError):
        return None
    return wait_ms / 1000 if isinstance(wait_ms, (int, float)) else None
