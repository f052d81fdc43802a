#!/usr/bin/env python
"""Mirror's command line."""

import os
import sys

from django.core.management import execute_from_command_line

from mirror_saas.bootstrap import servers_for

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mirror_saas.settings")
    with servers_for(sys.argv):
        execute_from_command_line(sys.argv)
