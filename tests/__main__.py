"""Every test: ``python -m tests``.

The flows mostly wait for what real processes do, so they run beside the rest. Their output comes at the end.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile

PYTEST = [sys.executable, "-m", "pytest"]


def main() -> int:
    """Return 0 when every test passed."""
    with tempfile.TemporaryFile() as said:
        flows = subprocess.Popen([*PYTEST, "tests/flows"], stdout=said, stderr=subprocess.STDOUT)
        try:
            rest = subprocess.run([*PYTEST, "tests/unit", "tests/app"], check=False).returncode
            status = flows.wait()
        except KeyboardInterrupt:
            flows.wait()  # it had the same Ctrl-C
            return 130
        said.seek(0)
        sys.stdout.write(said.read().decode(errors="replace"))
    return rest or status


if __name__ == "__main__":
    sys.exit(main())
