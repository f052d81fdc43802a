"""Counters and timings of live calls. Labels come from closed sets; never a tenant or a call."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

_LATENCY_MS = (1, 2, 5, 10, 20, 50, 100, 250, 500, 1000, 2000, 4000, 8000)

CALLS_LIVE = Gauge("mirror_calls_live_count", "Calls this process holds", ["transport"])
MESSAGES = Counter("mirror_calls_messages", "Client messages by outcome", ["outcome"])
VERDICTS = Counter("mirror_calls_verdicts", "Verdicts sent", ["decision", "tier"])
VERDICT_LATENCY_MS = Histogram("mirror_calls_verdict_latency_ms", "Turn in to verdict out", buckets=_LATENCY_MS)
TOOL_DECISIONS = Counter("mirror_calls_tool_decisions", "Tool gate decisions", ["decision"])
DECISIONS_LOST = Counter("mirror_calls_decisions_lost", "Allows not sent because their rows could not be stored")
INTERVENTIONS = Counter("mirror_calls_interventions", "Interventions by what wrote the correction", ["source"])
ROWS_WAITING = Gauge("mirror_calls_rows_waiting_count", "Recorded rows not yet in the database")
ROWS_DROPPED = Counter("mirror_calls_rows_dropped", "Rows that could not be stored", ["reason"])
FLUSHES = Counter("mirror_calls_flushes", "Recorder batches", ["outcome"])
SNAPSHOTS = Counter("mirror_calls_snapshots", "Session snapshots saved", ["outcome"])
UPSTREAMS = Counter("mirror_calls_upstreams", "Dials of the tenants' agents", ["outcome"])
SPEECH = Counter("mirror_calls_speech_parts", "Parts that Mirror's own voice was to speak", ["outcome"])
AUDIO_DROPPED = Counter("mirror_calls_audio_dropped_frames", "Audio frames not relayed", ["reason"])
STREAM_EVENTS = Counter("mirror_calls_stream_events", "What carriers told of streams", ["event"])
STREAM_SIGNATURES = Counter("mirror_calls_stream_signatures", "Handshakes of streams by signature", ["signature"])
CARRIER_LINES = Counter("mirror_calls_carrier_lines", "Lines the carrier was told to speak", ["part", "outcome"])
CARRIER_REQUESTS = Counter("mirror_calls_carrier_requests", "Requests to a carrier's REST", ["action", "outcome"])
REALTIME_GATES_FAILED = Counter(
    "mirror_calls_realtime_gates_failed", "Tool gates of realtime calls that were not asked"
)
REALTIME_UNHEARD = Counter("mirror_calls_realtime_unheard_turns", "Turns of callers that nobody wrote down")
REALTIME_ERRORS = Counter("mirror_calls_realtime_errors", "Errors of providers about messages of Mirror's own")
