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
    def handle(self, *args: Any, **options: Any) -> None:
        if settings.MIRROR_APP_LOGIN is not None:
            roles.app_role_ensure(settings.MIRROR_DATABASE_OWNER_URL, roles.Login(*settings.MIRROR_APP_LOGIN))
        is_checked = not options["skip_checks"]
        with roles.owner_connection(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
            roles.privileges_future(cursor, settings.MIRROR_APP_ROLE)
            # The checks come after: a migration may be the very one that closes an open table.
            super().handle(*args, **{**options, "skip_checks": True})
            roles.privileges_present(cursor, settings.MIRROR_APP_ROLE)
            if is_checked:
                self.check(databases=["default"])
