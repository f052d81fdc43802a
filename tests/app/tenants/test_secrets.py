"""Secrets at rest and by reference."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet

from tenants.crypto import Undecryptable, decrypt, encrypt
from tenants.errors import InvalidInput
from tenants.models import Credential
from tenants.scope import tenant_context
from tenants.secrets import SecretUnavailable, reference_check, reference_resolve, secret_of
from tenants.services import agent_headers, agent_headers_set, credential_set, credentials_rotate
from tests.cast import Cast

OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()


def test_a_stored_secret_comes_back_and_is_not_stored_in_the_clear(cast: Cast):
    credential = credential_set(actor=cast.actor(), kind="llm", name="main", secret="sk-very-secret")
    assert "sk-very-secret" not in credential.secret_encrypted
    assert secret_of(credential) == "sk-very-secret"


def test_a_new_key_in_front_reads_what_the_old_one_wrote(settings: Any):
    settings.MIRROR_ENCRYPTION_KEYS = OLD
    token = encrypt("kept")
    settings.MIRROR_ENCRYPTION_KEYS = f"{NEW}, {OLD}"
    assert decrypt(token) == "kept"


def test_after_rotation_the_old_key_can_go(cast: Cast, settings: Any):
    settings.MIRROR_ENCRYPTION_KEYS = OLD
    credential_set(actor=cast.actor(), kind="llm", name="main", secret="kept")
    agent_headers_set(actor=cast.actor(), slug="orders", headers={"X-Token": "t", "X-Other": "a: b"})
    settings.MIRROR_ENCRYPTION_KEYS = f"{NEW},{OLD}"
    assert credentials_rotate(tenant_id=cast.tenant.id) == 2
    settings.MIRROR_ENCRYPTION_KEYS = NEW
    with tenant_context(cast.tenant.id):
        assert secret_of(Credential.objects.get(name="main")) == "kept"
        cast.agent.refresh_from_db()
    assert agent_headers(cast.agent) == {"X-Token": "t", "X-Other": "a: b"}


def test_under_other_keys_a_secret_cannot_be_read(settings: Any):
    settings.MIRROR_ENCRYPTION_KEYS = OLD
    token = encrypt("lost")
    settings.MIRROR_ENCRYPTION_KEYS = NEW
    with pytest.raises(Undecryptable):
        decrypt(token)


def test_a_reference_is_resolved_at_use(cast: Cast, settings: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    (tmp_path / "key").write_text("from-file\n")
    settings.MIRROR_SECRET_REFERENCES = ["env:ACME_*", f"file:{tmp_path}/*"]
    monkeypatch.setenv("ACME_KEY", "from-env")
    assert reference_resolve("env:ACME_KEY") == "from-env"
    assert reference_resolve(f"file:{tmp_path}/key") == "from-file"
    credential = credential_set(actor=cast.actor(), kind="llm", name="main", reference="env:ACME_KEY")
    assert (secret_of(credential), credential.secret_encrypted) == ("from-env", "")


def test_a_reference_that_leads_nowhere_says_so(settings: Any):
    settings.MIRROR_SECRET_REFERENCES = ["env:*", "file:*"]
    for reference in ("env:NOT_SET_ANYWHERE", "file:/nowhere/at/all"):
        with pytest.raises(SecretUnavailable):
            reference_resolve(reference)


@pytest.mark.parametrize(
    "reference",
    ["env:MIRROR_SECRET_KEY", "env:PATH", "file:/etc/passwd", "file:/run/secrets/mirror/../x", "vault:x", "env:", "x"],
)
def test_a_reference_to_what_the_operator_did_not_permit_is_refused(reference: str):
    with pytest.raises(InvalidInput):
        reference_check(reference)


@pytest.mark.parametrize("given", [{"secret": "a", "reference": "env:MIRROR_CREDENTIAL_A"}, {"kind": "dog"}])
def test_a_credential_needs_a_known_kind_and_one_source(cast: Cast, given: dict[str, Any]):
    with pytest.raises(InvalidInput):
        credential_set(actor=cast.actor(), **{"kind": "llm", "name": "main", **given})


def test_saving_other_fields_keeps_the_secret(cast: Cast):
    credential_set(actor=cast.actor(), kind="llm", name="main", secret="kept")
    changed = credential_set(actor=cast.actor(), kind="llm", name="main", config={"model": "m"})
    assert (secret_of(changed), changed.config) == ("kept", {"model": "m"})


@pytest.mark.parametrize("headers", [{"X": "a\r\nY: b"}, {"": "x"}, {"X\n": "x"}])
def test_headers_that_would_break_out_are_refused(cast: Cast, headers: dict[str, str]):
    with pytest.raises(InvalidInput):
        agent_headers_set(actor=cast.actor(), slug="orders", headers=headers)
