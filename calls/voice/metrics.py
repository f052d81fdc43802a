"""Counters and timings of Mirror's own voice. Labels come from closed sets."""

from __future__ import annotations

from prometheus_client import Counter, Histogram

_LATENCY_MS = (10, 20, 50, 100, 200, 400, 800, 1500, 3000, 6000)

LINES = Counter("mirror_calls_voice_lines", "Lines asked of a voice", ["provider", "outcome"])
LATENCY_MS = Histogram("mirror_calls_voice_latency_ms", "Text to audio", ["provider"], buckets=_LATENCY_MS)
CACHE = Counter("mirror_calls_voice_cache", "Where lines were found", ["place"])
SHARED_STORE_FAILURES = Counter("mirror_calls_voice_store_failures", "Valkey did not keep or give a line")
