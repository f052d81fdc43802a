"""``flush`` as the owner role: it truncates, which the application role must not."""

from __future__ import annotations

from typing import Any

from django.core.management.commands.flush import Command as FlushCommand

from mirror_saas.roles import owner_connection


class Command(FlushCommand):
    def handle(self, **options: Any) -> None:
        with owner_connection():
            super().handle(**options)
