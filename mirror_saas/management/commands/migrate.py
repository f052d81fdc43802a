"""``migrate`` as the owner role, with the application role made and granted its rights."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.commands.migrate import Command as MigrateCommand
from django.db import connection

from mirror_saas import roles

# Any number; the same for all of us. Several machines may start at once, one of them migrates.
LOCK = 7_210_905_113


class Command(MigrateCommand):
    # The checks come after: the application role may not be there yet, and a migration may be the very one that
    # closes an open table.
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        roles.app_role_prepare()
        with roles.owner_connection(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
            roles.privileges_future(cursor, settings.MIRROR_APP_ROLE)
            super().handle(*args, **{**options, "skip_checks": True})
            roles.privileges_present(cursor, settings.MIRROR_APP_ROLE)
            self.check(databases=["default"])
