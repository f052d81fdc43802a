"""The models of a live call: tier 1 over HTTP from this process, tier 2 and corrections through a worker.

Nothing here raises into a call: what cannot be answered in time is an answer with a ``failure``.
"""

from __future__ import annotations

import asyncio
import logging
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import redis
from kombu.exceptions import OperationalError

from judging.classifying import classify
from judging.config import AgentJudging
from judging.core import Answer, Ask, agent_voice
from judging.generation import correction_messages
from judging.metrics import answer_count
from judging.models import JudgeUse
from judging.providers.errors import Failure, ProviderFailed
from judging.providers.http import clients_close
from judging.reply_bus import ReplyBus, reply_bus_make
from judging.tasks import QUEUE, tier2_answer
from judging.wire import ask_to_json

logger = logging.getLogger(__name__)

Send = Callable[[dict[str, Any], float], None]  # the task's arguments, seconds until it expires

# Sending blocks for about a millisecond, or for as long as a broker that hangs.
_SEND_THREADS = 4
_MAX_SENDING = 256
_NAMESPACE = uuid.UUID("5b0f7cf1-5d1f-4f6e-9d0e-0f6f3b8a4c11")


@dataclass(frozen=True, slots=True)
class About:
    """Which turn of which call a question is about."""

    call_id: uuid.UUID
    turn_index: int

    def as_json(self) -> dict[str, Any]:
        return {"call_id": str(self.call_id), "turn_index": self.turn_index}


def question_send(arguments: dict[str, Any], expires_s: float) -> None:
    """Put the question on the judge's queue. No retry: the fail mode is better than a late answer."""
    tier2_answer.apply_async(kwargs=arguments, queue=QUEUE, expires=expires_s, retry=False)


class LiveModels:
    """One per process and event loop; serves all of its calls. ``start`` is called by the first question if not before.

    ``review_id`` must be the question's own in the whole tenant, such as ``f"{call.id}:{review_id}"``: asked twice, a
    question is paid once.
    """

    def __init__(self, *, bus: ReplyBus | None = None, send: Send = question_send) -> None:
        self._bus = bus or reply_bus_make()
        self._send = send
        self._threads = ThreadPoolExecutor(_SEND_THREADS, thread_name_prefix="mirror-ask")
        self._sending = 0
        self._started: asyncio.Task[bool] | None = None

    async def start(self) -> None:
        """Connect to Valkey; waits a second at most, and goes on trying after that."""
        if self._started is None:
            self._started = asyncio.ensure_future(self._bus.start())
        await asyncio.shield(self._started)

    async def close(self) -> None:
        await self._bus.stop()
        self._threads.shutdown(wait=False, cancel_futures=True)
        await clients_close()

    async def answer(
        self, ask: Ask, *, config: AgentJudging, review_id: str, deadline_s: float, about: About | None = None
    ) -> Answer:
        """Answer the judge's question within ``deadline_s``; raises nothing but ``CancelledError``."""
        began_s = time.monotonic()
        answer = await self._guarded(ask, config, review_id, deadline_s, JudgeUse.Purpose.JUDGE, about)
        latency_ms = (time.monotonic() - began_s) * 1000
        answer_count(tier=ask.tier, failure=answer.failure, latency_ms=latency_ms)
        return answer

    async def correction(
        self,
        *,
        config: AgentJudging,
        turn_text: str,
        reason: str,
        policy_text: str,
        deadline_s: float,
        review_id: str = "",
    ) -> str:
        """Return what the agent should say instead, in its own voice; "" when none could be made in time."""
        if not config.has_generator:
            return ""
        ask = Ask(tier=2, messages=correction_messages(turn_text=turn_text, reason=reason, policy_text=policy_text))
        key = f"correction:{review_id or uuid.uuid4()}"
        answer = await self._guarded(ask, config, key, deadline_s, JudgeUse.Purpose.CORRECTION)
        return "" if answer.failure else agent_voice(answer.text)

    async def _guarded(
        self,
        ask: Ask,
        config: AgentJudging,
        review_id: str,
        deadline_s: float,
        purpose: JudgeUse.Purpose,
        about: About | None = None,
    ) -> Answer:
        try:
            async with asyncio.timeout(deadline_s):
                if ask.tier == 1:
                    return await classify(ask, config, deadline_s)
                return await self._ask_worker(ask, config, review_id, deadline_s, purpose, about)
        except TimeoutError:
            return Answer(failure=Failure.TIMEOUT)
        except ProviderFailed as error:
            return Answer(failure=error.failure)
        except (OperationalError, redis.RedisError, OSError):
            return Answer(failure=Failure.UNAVAILABLE)
        except Exception:  # the edge between a call and its models: a fault in these must not end the call
            logger.exception("model driver failed", extra={"action": "model_answer", "tier": ask.tier})
            return Answer(failure=Failure.PROVIDER_ERROR)

    async def _ask_worker(
        self,
        ask: Ask,
        config: AgentJudging,
        review_id: str,
        deadline_s: float,
        purpose: JudgeUse.Purpose,
        about: About | None,
    ) -> Answer:
        until_s = time.monotonic() + deadline_s
        await self.start()
        if not config.has_llm or not self._bus.is_connected or self._sending >= _MAX_SENDING:
            return Answer(failure=Failure.UNAVAILABLE)
        key = str(uuid.uuid5(_NAMESPACE, f"{config.tenant_id}:{review_id}"))
        left_s = until_s - time.monotonic()
        arguments = {
            "tenant_id": str(config.tenant_id),
            "review_id": key,
            "agent_id": str(config.agent_id),
            "ask_json": ask_to_json(ask),
            "reply_to": self._bus.channel,
            "expires_at": time.time() + left_s,
            "purpose": purpose.value,
            **(about.as_json() if about is not None else {}),
        }
        self._bus.expect(key)
        try:
            await self._send_in_thread(arguments, left_s)
            return await self._bus.wait(key, until_s - time.monotonic())
        finally:
            self._bus.forget(key)

    async def _send_in_thread(self, arguments: dict[str, Any], expires_s: float) -> None:
        self._sending += 1
        sent = asyncio.get_running_loop().run_in_executor(self._threads, self._send, arguments, expires_s)
        sent.add_done_callback(self._sent)
        await asyncio.shield(sent)

    def _sent(self, sent: asyncio.Future[None]) -> None:
        self._sending -= 1
        # Nobody may wait for it any more; its error is then told by the deadline.
        if not sent.cancelled():
            sent.exception()
