"""What probes and Prometheus read."""

from __future__ import annotations

import logging

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from mirror_saas.checks import tenancy_messages

logger = logging.getLogger(__name__)


def healthz(request: HttpRequest) -> HttpResponse:
    """Answer that the process is alive; says nothing of the servers behind it."""
    return JsonResponse({"status": "ok"})


def readyz(request: HttpRequest) -> HttpResponse:
    """Answer 200 when calls can be served, else 503 and what is missing.

    That is: the database is reached, migrated and keeps the tenants apart, and Valkey is reached.
    """
    found = {"database": _database(), "valkey": _valkey()}
    is_ready = all(state == "ok" for state in found.values())
    if not is_ready:
        logger.warning("not ready", extra={"action": "readyz", **found})
    return JsonResponse({"status": "ok" if is_ready else "unavailable", **found}, status=200 if is_ready else 503)


def metrics(request: HttpRequest) -> HttpResponse:
    return HttpResponse(generate_latest(), content_type=CONTENT_TYPE_LATEST)


class _Schema:
    """Whether this process has seen the schema complete: it does not become incomplete under it."""

    is_complete = False


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        if not _Schema.is_complete and (lack := _schema_lacks()):
            return lack
    except DatabaseError:
        return "unreachable"
    _Schema.is_complete = True
    return "ok"


def _schema_lacks() -> str:
    executor = MigrationExecutor(connection)
    pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if pending:
        return f"{len(pending)} migrations not applied"
    return ", ".join(str(message.id) for message in tenancy_messages("default"))


def _valkey() -> str:
    try:
        with redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2) as client:
            client.ping()
    except redis.RedisError:
        return "unreachable"
    return "ok"
