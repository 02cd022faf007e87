"""A whole conversation against a running gateway, by a client written from the page alone.

HALLOO_URL and HALLOO_SITE name the gateway and the site.
The agent signs in with HALLOO_EMAIL and HALLOO_PASSWORD, or with a one-time HALLOO_CODE.
"""

from __future__ import annotations

import os
import unittest

from halloo_client import Client, Refused, Rest

URL = os.environ.get("HALLOO_URL", "")
SITE = os.environ.get("HALLOO_SITE", "demo")


def proof() -> dict[str, str]:
    if code := os.environ.get("HALLOO_CODE"):
        return {"code": code}
    return {"email": os.environ["HALLOO_EMAIL"], "password": os.environ["HALLOO_PASSWORD"]}


@unittest.skipUnless(URL, "HALLOO_URL names no gateway")
class Conversation(unittest.IsolatedAsyncioTestCase):
    async def test_a_visitor_and_an_agent_talk(self) -> None:
        rest = Rest(URL)
        await rest.sign_in(**proof())
        async with (
            Client(URL, SITE, ticket=lambda: rest.ticket(SITE)) as agent,
            Client(URL, SITE) as visitor,
        ):
            await self.go_to_work(agent)
            chat = await visitor.open(body="Where is my parcel?", name="Grace")
            await self.is_assigned(visitor, agent, chat)
            await self.talk(visitor, agent, chat)
            await self.resume(visitor, agent, chat)
            await self.resend(visitor, chat)
            await self.close_and_rate(visitor, agent, chat)
            self.check_records(visitor, agent, chat)

    async def go_to_work(self, agent: Client) -> None:
        self.assertIn("agent", agent.ready)
        await agent.watch_view("mine")
        await agent.command({"status": {"status": "online"}})
        await agent.command({"accepting": {"accepting": True}})
        await agent.command({"capacity": {"capacity": 10}})
        await agent.until(lambda: agent.ready["agent"]["capacity"] == 10)

    async def is_assigned(self, visitor: Client, agent: Client, chat: str) -> None:
        me = agent.ready["agent"]["id"]

        def assigned(client: Client) -> bool:
            records = client.conversation(chat).records
            return any(record["what"].get("assigned", {}).get("agent") == me for record in records)

        await visitor.until(lambda: assigned(visitor))
        await agent.until(lambda: assigned(agent))
        await agent.until(lambda: chat in agent.views["mine"]["rows"])
        self.assertEqual(agent.conversation(chat).said(), ["Where is my parcel?"])

    async def talk(self, visitor: Client, agent: Client, chat: str) -> None:
        await agent.typing(chat)
        await visitor.until(lambda: any("typing" in frame for frame in visitor.frames))
        await agent.say(chat, "Hello Grace, see https://example.org/track")
        await visitor.until(lambda: len(visitor.conversation(chat).said()) == 2)
        await visitor.read(chat)
        await visitor.say(chat, "Thanks!\nIt says “on its way”.")
        await agent.until(lambda: len(agent.conversation(chat).said()) == 3)
        await agent.command({"note": {"body": "Looks settled."}}, chat)

    async def resume(self, visitor: Client, agent: Client, chat: str) -> None:
        """Loses the visitor's network; what is said meanwhile is there after the resume, once and in order."""
        readies = visitor.readies
        visitor.drop()
        await agent.say(chat, "It will be there tomorrow.")
        await visitor.say(chat, "Sent while away")
        await visitor.until(lambda: visitor.readies > readies)
        await visitor.until(lambda: len(visitor.conversation(chat).said()) == 5)
        await agent.until(lambda: len(agent.conversation(chat).said()) == 5)

    async def resend(self, visitor: Client, chat: str) -> None:
        outbox, ordinal = visitor.outbox, visitor.lanes[chat].next_ordinal
        await visitor.say(chat, "Once")
        command = {"id": {"outbox": outbox, "ordinal": ordinal}, "conversation": chat}
        once = command | {"action": {"say": {"body": "Once"}}}
        first = await visitor.ask_again(once)
        self.assertEqual(await visitor.ask_again(once), first)
        self.assertEqual(first["made"]["number"], visitor.conversation(chat).position["number"])
        with self.assertRaises(Refused) as refused:
            await visitor.ask_again(command | {"action": {"say": {"body": "Twice"}}})
        self.assertEqual(refused.exception.code, "conflict")
        with self.assertRaises(Refused) as refused:
            late = {"id": {"outbox": outbox, "ordinal": ordinal + 5}}
            await visitor.ask_again(command | late | {"action": {"say": {"body": "Late"}}})
        self.assertEqual(refused.exception.code, "out_of_order")

    async def close_and_rate(self, visitor: Client, agent: Client, chat: str) -> None:
        await agent.until(lambda: agent.conversation(chat).said()[-1] == "Once")
        await agent.command({"close": {"reason": "solved"}}, chat)
        await visitor.until(lambda: visitor.conversation(chat).has("closed"))
        await agent.until(lambda: chat not in agent.views["mine"]["rows"])
        await visitor.command({"rate": {"score": 5, "comment": "Quick and kind."}}, chat)
        await visitor.until(lambda: visitor.conversation(chat).has("rated"))
        await agent.until(lambda: agent.conversation(chat).has("rated"))

    def check_records(self, visitor: Client, agent: Client, chat: str) -> None:
        """Dense numbers on both sides, the same words in the same order, and no note for the visitor."""
        for client in (visitor, agent):
            numbers = [record["number"] for record in client.conversation(chat).records]
            self.assertEqual(numbers, list(range(1, len(numbers) + 1)))
        self.assertEqual(visitor.conversation(chat).said(), agent.conversation(chat).said())
        self.assertTrue(agent.conversation(chat).has("noted"))
        self.assertFalse(visitor.conversation(chat).has("noted"))


if __name__ == "__main__":
    unittest.main()
