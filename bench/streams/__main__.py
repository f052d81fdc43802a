"""``python -m bench.streams``."""

import sys

from bench.streams import main

sys.exit(main(sys.argv[1:]))
