"""Celery's queues."""

from __future__ import annotations

from kombu.entity import Exchange, Queue


def queues(*names: str) -> list[Queue]:
    return [Queue(name, Exchange(name), routing_key=name) for name in names]  # type: ignore[no-untyped-call]
