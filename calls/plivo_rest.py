"""Plivo's REST for one call: speak, hang up, transfer, digits, streams.

Source: docs.plivo.com/docs/voice/api. Every path ends with a slash. What is over already (404 on an end) is done. A
request that may have been carried out is sent again only where doing it twice does no harm.
"""

from __future__ import annotations

import asyncio
import json
import logging
import random
import threading
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any, Final, TypeAlias
from urllib.parse import quote

import httpx

from calls import metrics
from calls.carrier_accounts import CarrierAccount
from calls.carrier_errors import (
    CarrierBusy,
    CarrierCallGone,
    CarrierRefused,
    CarrierUnauthorized,
    CarrierUnavailable,
)

logger = logging.getLogger(__name__)

DEADLINE_S: Final = 5.0  # the whole of it, with all tries. Source: the default of Plivo's SDK for one
MOST_TRIES: Final = 3
_FIRST_PAUSE_S: Final = 0.2
MAX_REPLY_BYTES: Final = 256 * 1024
# Source: Plivo's limits, 300 requests in 5 s per account.
LIMIT_REQUESTS, LIMIT_WINDOW_S = 300, 5.0

Json: TypeAlias = Any
Sleep: TypeAlias = Callable[[float], Awaitable[None]]


class Limiter:
    """At most ``most`` requests in any ``window_s``. One per account and process; used from several threads."""

    def __init__(self, most: int = LIMIT_REQUESTS, window_s: float = LIMIT_WINDOW_S) -> None:
        self._most, self._window_s = most, window_s
        self._at: deque[float] = deque()
        self._lock = threading.Lock()

    def take(self, now_s: float, *, patience_s: float) -> float | None:
        """Book a place; return how long to wait for it, None where that is longer than ``patience_s``."""
        with self._lock:
            while self._at and self._at[0] <= now_s - self._window_s:
                self._at.popleft()
            wait_s = 0.0
            if len(self._at) >= self._most:
                wait_s = self._at[-self._most] + self._window_s - now_s
            if wait_s > patience_s:
                return None
            self._at.append(now_s + wait_s)
            return wait_s


_limiters: dict[str, Limiter] = {}


def limiter_of(auth_id: str) -> Limiter:
    return _limiters.setdefault(auth_id, Limiter())


@dataclass(frozen=True, slots=True)
class _Request:
    """``is_repeatable``: doing it twice does no harm. ``is_end``: nothing there to end is as good as ended."""

    action: str
    method: str
    path: str
    body: Mapping[str, Json] | None = None
    is_repeatable: bool = True
    is_end: bool = False


@dataclass(frozen=True, slots=True)
class StreamAttached:
    stream_id: str


@dataclass(slots=True)
class PlivoClient:
    """One account's REST. Use as ``async with``.

    ``base_url`` ends with the version: ``https://api.plivo.com/v1``. All methods raise what ``carrier_errors`` draws.
    """

    account: CarrierAccount
    base_url: str
    limiter: Limiter | None = None
    deadline_s: float = DEADLINE_S
    sleep: Sleep = asyncio.sleep
    clock: Callable[[], float] = time.monotonic
    jitter: Callable[[], float] = random.random
    _http: httpx.AsyncClient | None = field(default=None, init=False, repr=False)

    async def __aenter__(self) -> PlivoClient:
        self._http = httpx.AsyncClient(
            auth=(self.account.auth_id, self.account.auth_token),
            timeout=httpx.Timeout(self.deadline_s),
            # A kept connection that the other side just closed would lose a line that must not be sent twice.
            limits=httpx.Limits(max_keepalive_connections=0),
            follow_redirects=False,  # a redirect would take the token elsewhere
            trust_env=False,
            headers={"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "Mirror"},
        )
        return self

    async def __aexit__(self, *failure: object) -> None:
        if self._http is not None:
            await self._http.aclose()

    # --- a call ------------------------------------------------------------------------------------------------------

    async def speak(
        self,
        call_id: str,
        text: str,
        *,
        language: str = "en-US",
        voice: str = "WOMAN",
        legs: str = "aleg",
        is_mixed: bool = False,
    ) -> None:
        """Speak on the call; returns once the carrier has begun. Not ``is_mixed``: nobody else is heard meanwhile."""
        body = {"text": text, "language": language, "voice": voice, "legs": legs, "loop": False, "mix": is_mixed}
        path = f"{_call(call_id)}Speak/"
        # A second try after a lost answer would say it twice.
        await self._do(_Request("speak", "POST", path, body, is_repeatable=False))

    async def speak_stop(self, call_id: str) -> None:
        await self._do(_Request("speak_stop", "DELETE", f"{_call(call_id)}Speak/", is_end=True))

    async def hang_up(self, call_id: str) -> None:
        await self._do(_Request("hang_up", "DELETE", _call(call_id), is_end=True))

    async def transfer(self, call_id: str, url: str, *, method: str = "POST") -> None:
        """Go on with the XML at ``url``: it takes the place of what runs, and so ends a stream."""
        body = {"legs": "aleg", "aleg_url": url, "aleg_method": method}
        await self._do(_Request("transfer", "POST", _call(call_id), body))

    async def send_digits(self, call_id: str, digits: str) -> None:
        body = {"digits": digits, "leg": "aleg"}
        await self._do(_Request("send_digits", "POST", f"{_call(call_id)}DTMF/", body, is_repeatable=False))

    async def live_call(self, call_id: str) -> Mapping[str, Json]:
        """Return what the carrier tells of a call that goes on. Raises: CarrierCallGone."""
        return _object(await self._do(_Request("live_call", "GET", f"{_call(call_id)}?status=live")))

    # --- streams -----------------------------------------------------------------------------------------------------

    async def stream_start(
        self,
        call_id: str,
        url: str,
        *,
        content_type: str,
        status_url: str = "",
        audio_track: str = "both",
        timeout_s: int = 14_400,
    ) -> StreamAttached:
        """Attach a stream that nothing is written to, beside what the call does."""
        body = {
            "service_url": url,
            "bidirectional": False,
            "audio_track": audio_track,
            "stream_timeout": timeout_s,
            "content_type": content_type,
        }
        if status_url:
            body |= {"status_callback_url": status_url, "status_callback_method": "POST"}
        told = _object(await self._do(_Request("stream_start", "POST", f"{_call(call_id)}Stream/", body, False)))
        return StreamAttached(str(told.get("stream_id", "")))

    async def stream_stop(self, call_id: str, stream_id: str = "") -> None:
        """End one stream of the call; "": all of them."""
        path = f"{_call(call_id)}Stream/" + (f"{quote(stream_id, safe='')}/" if stream_id else "")
        await self._do(_Request("stream_stop", "DELETE", path, is_end=True))

    async def stream_list(self, call_id: str) -> list[Mapping[str, Json]]:
        told = _object(await self._do(_Request("stream_list", "GET", f"{_call(call_id)}Stream/")))
        listed = told.get("objects")
        return [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []

    async def account_read(self) -> Mapping[str, Json]:
        """Return what the carrier tells of the account itself: whether its token is right."""
        return _object(await self._do(_Request("account", "GET", "")))

    # --- one request -------------------------------------------------------------------------------------------------

    async def _do(self, request: _Request) -> Json:
        """Carry out within the deadline; return the reply's JSON, None for an empty one."""
        try:
            async with asyncio.timeout(self.deadline_s):
                told = await self._tried(request)
        except TimeoutError as error:
            metrics.CARRIER_REQUESTS.labels(request.action, "timeout").inc()
            raise CarrierUnavailable(f"Plivo did not answer within {self.deadline_s:g} s.") from error
        except Exception as error:
            metrics.CARRIER_REQUESTS.labels(request.action, _outcome(error)).inc()
            raise
        metrics.CARRIER_REQUESTS.labels(request.action, "done").inc()
        return told

    async def _tried(self, request: _Request) -> Json:
        began_s = self.clock()
        for number in range(1, MOST_TRIES + 1):
            try:
                return await self._once(request, left_s=began_s + self.deadline_s - self.clock())
            except _Again as again:
                left_s = began_s + self.deadline_s - self.clock()
                # Full jitter, so that calls that failed together do not come back together.
                pause_s = _FIRST_PAUSE_S * 2 ** (number - 1) * (0.5 + self.jitter())
                pause_s = max(pause_s, again.retry_after_s or 0.0)
                if number == MOST_TRIES or pause_s >= left_s:
                    raise again.failure from again.__cause__
                await self.sleep(pause_s)
        raise AssertionError("unreachable")

    async def _once(self, request: _Request, *, left_s: float) -> Json:
        limiter = self.limiter or limiter_of(self.account.auth_id)
        wait_s = limiter.take(self.clock(), patience_s=left_s)
        if wait_s is None:
            raise CarrierBusy(
                "Too many requests to Plivo for this account; try again in a few seconds.", retry_after_s=5
            )
        if wait_s:
            await self.sleep(wait_s)
        try:
            status, body, retry_after_s = await self._exchange(request)
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:  # nothing was sent
            raise _Again(CarrierUnavailable(f"Plivo cannot be reached: {type(error).__name__}.")) from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            failure = CarrierUnavailable(f"Plivo did not answer: {type(error).__name__}.")
            if request.is_repeatable:
                raise _Again(failure) from error
            raise failure from error
        return self._read(request, status, body, retry_after_s)

    async def _exchange(self, request: _Request) -> tuple[int, bytes, float | None]:
        if self._http is None:
            raise AssertionError("use the client as a context")
        url = f"{self.base_url}/Account/{quote(self.account.auth_id, safe='')}/{request.path}"
        async with self._http.stream(request.method, url, json=request.body) as response:
            body = bytearray()
            async for chunk in response.aiter_raw():
                body += chunk
                if len(body) > MAX_REPLY_BYTES:
                    raise CarrierUnavailable("Plivo's reply is too large to be one of its own.")
            return response.status_code, bytes(body), _retry_after_s(response.headers.get("retry-after", ""))

    def _read(self, request: _Request, status: int, body: bytes, retry_after_s: float | None) -> Json:
        if 200 <= status < 300:
            return _parsed(body)
        if status == 404 and request.is_end:
            return None
        logger.warning("carrier request failed", extra={"action": f"plivo_{request.action}", "status": status})
        if status == 429:
            failure = CarrierBusy("Plivo takes no more requests of this account now.", retry_after_s=retry_after_s)
            raise _Again(failure, retry_after_s)
        if status >= 500:
            # As its own SDK does, which also sends a Speak again.
            raise _Again(CarrierUnavailable(f"Plivo answered {status}."), retry_after_s)
        raise _refusal(status, body, self.account)


class _Again(Exception):
    """It may be tried once more; ``failure`` is what it comes to otherwise."""

    def __init__(
        self,
        failure: CarrierUnavailable | CarrierBusy,
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(str(failure))
        self.failure, self.retry_after_s = failure, retry_after_s


def _refusal(status: int, body: bytes, account: CarrierAccount) -> Exception:
    if status in (401, 403):
        return CarrierUnauthorized(
            f"Plivo refuses the account {account.name!r} ({status}). Check its auth id and token, and its permissions."
        )
    if status == 404:
        return CarrierCallGone("Plivo knows no such call any more.")
    return CarrierRefused(f"Plivo refused the request ({status}){_why(body)}.")


def _why(body: bytes) -> str:
    """The carrier's own words, where it has any; they are for the person who asked and never logged."""
    try:
        told = _parsed(body)
    except CarrierUnavailable:
        return ""
    error = told.get("error") if isinstance(told, dict) else None
    return f": {error[:200].rstrip('.')}" if isinstance(error, str) and error.isprintable() else ""


def _parsed(body: bytes) -> Json:
    if not body.strip():
        return None
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise CarrierUnavailable("Plivo's reply cannot be read.") from error


def _object(told: Json) -> Mapping[str, Json]:
    if not isinstance(told, dict):
        raise CarrierUnavailable("Plivo's reply is not what it should be.")
    return told


def _call(call_id: str) -> str:
    return f"Call/{quote(call_id, safe='')}/"


def _outcome(error: Exception) -> str:
    return {CarrierBusy: "busy", CarrierCallGone: "gone", CarrierRefused: "refused"}.get(
        type(error), "unauthorized" if isinstance(error, CarrierUnauthorized) else "failed"
    )


def _retry_after_s(told: str) -> float | None:
    """Seconds, or a date; None for neither."""
    if told.strip().isdecimal():
        return float(told)
    try:
        return max(0.0, parsedate_to_datetime(told).timestamp() - time.time())
    except ValueError:
        return None
