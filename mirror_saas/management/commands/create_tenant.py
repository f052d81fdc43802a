"""``create_tenant``: a tenant with its owner, an API key with every scope, and an agent.

Run again it says what exists and changes nothing.
"""

from __future__ import annotations

import json
import secrets
import sys
from argparse import ArgumentTypeError
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection, transaction

from judging.errors import PolicyInvalid
from judging.services import policy_revision_activate, policy_set_import
from mirror_saas import roles
from tenants.access import SCOPES, Actor, actor_mirror
from tenants.errors import MirrorError
from tenants.lookups import tenant_id_by_name
from tenants.models import Agent, Membership, Tenant, User
from tenants.scope import tenant_context
from tenants.selectors import agent_get
from tenants.services import agent_create, api_key_create, tenant_create, user_create

Told = dict[str, str | None]


class Command(BaseCommand):
    help = "Create a tenant, its owner, an API key and an agent; print the secrets once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", metavar="NAME")
        parser.add_argument("--owner", required=True, metavar="EMAIL")
        parser.add_argument("--password-stdin", action="store_true", help="read the owner's password from stdin")
        parser.add_argument("--agent", metavar="SLUG")
        parser.add_argument(
            "--upstream-url", default="", metavar="URL", help="the agent's own stream (ws:// or wss://)"
        )
        parser.add_argument("--policies", type=Path, metavar="FILE", help="a policy file, activated at once")
        parser.add_argument("--set", action="append", default=[], type=_setting, metavar="FIELD=VALUE")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["agent"] and (options["upstream_url"] or options["policies"] or options["set"]):
            raise CommandError("--upstream-url, --policies and --set are about an agent: give --agent, too")
        self._migrate()
        try:
            with transaction.atomic():
                told = self._create(options)
        except (MirrorError, PolicyInvalid, OSError, UnicodeDecodeError) as error:
            raise CommandError(str(error)) from error
        self._tell(told, is_json=options["json"])

    def _migrate(self) -> None:
        roles.app_role_prepare()
        with connection.cursor() as cursor:
            cursor.execute("SELECT to_regclass('public.tenants_tenant') IS NOT NULL")
            (is_there,) = cursor.fetchone()
        if not is_there and settings.IS_PRODUCTION:
            raise CommandError("the database is not migrated: run migrate first")
        if not is_there:
            call_command("migrate", verbosity=0, interactive=False)

    def _create(self, options: dict[str, Any]) -> Told:
        tenant_id = tenant_id_by_name(options["name"].strip())
        if tenant_id is not None:
            return self._existing(tenant_id, options)
        owner, password = self._owner(options)
        tenant = tenant_create(name=options["name"], owner=owner)
        actor = actor_mirror(tenant.id)
        agent = self._agent(actor, options) if options["agent"] else None
        key = api_key_create(actor=actor, name="First key", scopes=SCOPES)
        return _told(tenant, owner.email, password, key.token, agent)

    def _owner(self, options: dict[str, Any]) -> tuple[User, str | None]:
        """Return the owner and, where it was set here, the password."""
        email = options["owner"].strip().lower()
        known = User.objects.filter(email=email).first()
        given = sys.stdin.readline().rstrip("\r\n") if options["password_stdin"] else None
        if known is not None:
            self.stderr.write(f"{email} is known already and keeps the password.")
            return known, None
        password = given if given is not None else secrets.token_urlsafe(12)
        return user_create(email=email, password=password), password

    def _agent(self, actor: Actor, options: dict[str, Any]) -> Agent:
        chosen = dict(options["set"])
        agent = agent_create(actor=actor, slug=options["agent"], upstream_url=options["upstream_url"], settings=chosen)
        if options["policies"]:
            text = options["policies"].read_text(encoding="utf-8")
            with tenant_context(actor.tenant_id):
                revision = policy_set_import(agent=agent, rules=text, author=actor.label)
                policy_revision_activate(agent=agent, revision=revision, actor=actor)
        return agent

    def _existing(self, tenant_id: Any, options: dict[str, Any]) -> Told:
        with tenant_context(tenant_id):
            tenant = Tenant.objects.get(id=tenant_id)
            owners = Membership.objects.filter(role=Membership.Role.OWNER).select_related("user").order_by("created_at")
            agent = agent_get(options["agent"]) if options["agent"] else None
            owner = owners[0].user.email
        self.stderr.write(f"The tenant {tenant.name!r} exists already; nothing was changed.")
        if options["agent"] and agent is None:
            self.stderr.write(f"It has no agent {options['agent']!r}.")
        return _told(tenant, owner, None, None, agent)

    def _tell(self, told: Told, *, is_json: bool) -> None:
        if is_json:
            self.stdout.write(json.dumps(told))
            return
        for name, value in told.items():
            self.stdout.write(f"{name:>10}  {value or '-'}")
        if told["api_key"]:
            self.stdout.write("The password and the API key are not shown again.")


def _told(tenant: Tenant, owner: str, password: str | None, api_key: str | None, agent: Agent | None) -> Told:
    return {
        "tenant": tenant.name,
        "owner": owner,
        "password": password,
        "api_key": api_key,
        "agent": agent.slug if agent else None,
        "agent_key": agent.agent_key if agent else None,
    }


def _setting(text: str) -> tuple[str, Any]:
    """Read ``FIELD=VALUE``; VALUE is JSON (``0.8``, ``true``, ``["refund"]``) or else text."""
    field, equals, value = text.partition("=")
    if not equals or not field:
        raise ArgumentTypeError(f"{text!r} is not FIELD=VALUE")
    try:
        return field, json.loads(value)
    except ValueError:
        return field, value
