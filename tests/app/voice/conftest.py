from __future__ import annotations

from importlib.util import find_spec

# An environment from before soxr was locked: nothing of a voice can be imported in it.
collect_ignore_glob = [] if find_spec("soxr") else ["test_*.py"]
