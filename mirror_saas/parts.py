"""The parts of the product that run our own code: what starts each, and how it is asked whether it is up."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import httpx
import kombu.exceptions
import redis
from celery import Celery

from mirror_saas.celery import beat_key
from mirror_saas.processes import Program


@dataclass(frozen=True, slots=True)
class Part:
    """``is_ready`` asks the program itself. ``stop_order``: lower stops first; equal ones stop together."""

    name: str
    command: list[str]
    is_ready: Callable[[Program], bool]
    stop_order: int
    start_s: float = 90.0
    stop_s: float = 15.0


def parts_of(*, env: Mapping[str, str], host: str, port: int, url: str) -> list[Part]:
    node = f"worker-{port}@mirror"
    celery = [sys.executable, "-m", "celery", "--app", "mirror_saas", "--quiet"]
    threads = env.get("MIRROR_WORKER_THREADS") or "8"
    # One consumer of both queues: tasks wait for other servers far more than they compute.
    worker = ["worker", "--pool", "threads", "--concurrency", threads, "--queues", "judge,default", "--hostname", node]
    quiet = ["--without-gossip", "--without-mingle", "--loglevel", "INFO"]
    beat = ["beat", "--schedule", f"{env['MIRROR_DATA_DIR']}/run/beat", "--pidfile=", "--loglevel", "INFO"]
    return [
        Part("web", _uvicorn(host, port, env), lambda program: _answers(f"{url}/readyz"), stop_order=1),
        Part("worker", [*celery, *worker, *quiet], _pings(env, node), stop_order=2, stop_s=30.0),
        Part("beat", [*celery, *beat], _has_said(env), stop_order=2),
    ]


def _uvicorn(host: str, port: int, env: Mapping[str, str]) -> list[str]:
    # Named, not left to "auto". Compression costs more than it saves on frames of 20 ms of audio.
    sockets = ["--ws", "websockets-sansio", "--ws-per-message-deflate", "false"]
    loop = ["--loop", "uvloop", "--http", "httptools", "--lifespan", "on"]
    quiet = ["--no-access-log", "--log-level", "warning", "--timeout-graceful-shutdown", "10"]
    command = [sys.executable, "-m", "uvicorn", "mirror_saas.asgi:application", "--host", host, "--port", str(port)]
    # By default the server takes forwarded headers from whoever connects from this machine.
    is_behind_proxy = (env.get("MIRROR_BEHIND_PROXY") or "false").lower() in {"1", "true", "yes", "on"}
    proxy = ["--proxy-headers" if is_behind_proxy else "--no-proxy-headers"]
    return [*command, *sockets, *loop, *quiet, *proxy]


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=5.0, trust_env=False).status_code == 200
    except httpx.HTTPError:
        return False


def _pings(env: Mapping[str, str], node: str) -> Callable[[Program], bool]:
    prefix = env.get("MIRROR_REDIS_PREFIX") or "mirror"
    asker = Celery("mirror-asker", broker=env["REDIS_URL"], set_as_current=False)
    asker.conf.broker_transport_options = {"global_keyprefix": f"{prefix}:celery:"}

    def is_ready(program: Program) -> bool:
        try:
            return bool(asker.control.ping(destination=[node], timeout=0.5))
        except (kombu.exceptions.OperationalError, redis.ConnectionError, redis.TimeoutError):
            return False

    return is_ready


def _has_said(env: Mapping[str, str]) -> Callable[[Program], bool]:
    key = beat_key(env.get("MIRROR_REDIS_PREFIX") or "mirror")

    def is_ready(program: Program) -> bool:
        try:
            with redis.Redis.from_url(env["REDIS_URL"], socket_timeout=5) as client:
                return bool(client.get(key) == str(program.pid).encode())
        except (redis.ConnectionError, redis.TimeoutError):
            return False

    return is_ready
