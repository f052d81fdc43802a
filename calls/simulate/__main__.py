import sys

from calls.simulate.cli import main

sys.exit(main())
