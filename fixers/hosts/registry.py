"""From a repository's row to its code host. A further host is one more entry here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from django.conf import settings

from fixers.errors import HostRefused, HostUnavailable
from fixers.hosts.base import CodeHost
from fixers.hosts.git import GitHost, GitSettings
from fixers.models import Repository
from tenants.errors import MirrorError
from tenants.models import Credential
from tenants.secrets import secret_of


@dataclass(frozen=True, slots=True)
class HostTarget:
    """What is needed to reach a repository once the tenant's context is left."""

    host: str
    location: str
    base_branch: str
    credential: Credential | None = field(default=None, repr=False)


HostFor: TypeAlias = Callable[[HostTarget], AbstractContextManager[CodeHost]]


def host_target(repository: Repository) -> HostTarget:
    """Inside ``tenant_context``, with the repository's credential loaded."""
    return HostTarget(repository.host, repository.location, repository.base_branch, repository.credential)


def code_host_for(target: HostTarget) -> AbstractContextManager[CodeHost]:
    """Raises: HostRefused: a host this installation cannot speak to, or a credential that cannot be used.
    HostUnavailable: the credential's store does not answer now."""
    make = _HOSTS.get(target.host)
    if make is None:
        raise HostRefused(f"{target.host} is not supported here")
    return make(target)


def _token(credential: Credential | None) -> str:
    if credential is None:
        return ""
    try:
        return secret_of(credential)
    except MirrorError as error:
        kind = HostUnavailable if error.retryable else HostRefused
        raise kind("the repository's credential cannot be read") from error


def _git(target: HostTarget) -> AbstractContextManager[CodeHost]:
    return GitHost(
        location=target.location,
        base_branch=target.base_branch,
        token=_token(target.credential),
        settings=git_settings(),
    )


def git_settings() -> GitSettings:
    """Local remotes may lie where the operator says; nowhere, where nothing is said."""
    return GitSettings(
        local_roots=tuple(Path(root) for root in settings.MIRROR_GIT_LOCAL_ROOTS),
        author_name=settings.MIRROR_GIT_AUTHOR_NAME,
        author_email=settings.MIRROR_GIT_AUTHOR_EMAIL,
        timeout_s=settings.MIRROR_GIT_TIMEOUT_MS / 1000,
    )


_HOSTS: Mapping[str, Callable[[HostTarget], AbstractContextManager[CodeHost]]] = {Repository.Host.GIT.value: _git}
