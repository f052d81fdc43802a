"""``python -m bench.judge``."""

import sys

from bench.judge import main

sys.exit(main(sys.argv[1:]))
