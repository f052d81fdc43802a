"""Plivo's V3 signature of a web request and of a stream's handshake. Pure.

Source: ``plivo/utils/signature_v3.py`` of Plivo's Python SDK; the handshake's address differs between its two stream
SDKs, so every form of it is tried.
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product
from urllib.parse import parse_qsl, urlsplit

Params = Sequence[tuple[str, str]]

_DEFAULT_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}
_SCHEMES = ("https", "http", "wss", "ws")


@dataclass(frozen=True, slots=True)
class SignatureHeaders:
    """``v3`` is made with the token of the account that owns the call, ``main`` with its main account's."""

    v3: str = ""
    main: str = ""
    nonce: str = ""

    @property
    def is_there(self) -> bool:
        return bool(self.nonce and (self.v3 or self.main))


def signature_v3(*, url: str, params: Params, nonce: str, auth_token: str, method: str = "POST") -> str:
    """Return the signature; ``params`` may repeat a key, its values are sorted."""
    parts = urlsplit(url)
    query = parse_qsl(parts.query, keep_blank_values=True)
    if method == "GET":
        known = {key for key, _ in query}
        query += [(key, value) for key, value in params if key not in known]
        params = []
    asked = "&".join(f"{key}={value}" for key, value in sorted(query))
    told = "".join(key + value for key, value in sorted(params))
    base = f"{parts.scheme}://{parts.netloc}{parts.path}"
    if told or asked:
        base += f"?{asked}"
    if told and asked:
        base += "."
    signed = f"{base}{told}.{nonce}"
    return b64encode(hmac.new(auth_token.encode(), signed.encode(errors="replace"), hashlib.sha256).digest()).decode()


def is_signed(
    *,
    urls: Iterable[str],
    params: Params,
    headers: SignatureHeaders,
    v3_tokens: Iterable[str],
    main_tokens: Iterable[str],
    method: str = "POST",
) -> bool:
    """Whether one of the signatures was made for one of the addresses with a token that may make it.

    A header may hold several signatures, separated by commas.
    """
    if not headers.nonce:
        return False
    pairs = [(token, headers.v3) for token in v3_tokens] + [(token, headers.main) for token in main_tokens]
    found = False
    for url, (token, told) in product(list(urls), pairs):
        if not (token and told):
            continue
        made = signature_v3(url=url, params=params, nonce=headers.nonce, auth_token=token, method=method).encode()
        # As bytes: text that is not ASCII cannot be compared in constant time.
        found |= any(hmac.compare_digest(made, one.strip().encode(errors="replace")) for one in told.split(","))
    return found


def origins(public: str) -> list[str]:
    """Return the forms one origin may be signed in: as it is, with its port, and without.

    A carrier keeps a port that stands in the address it was given; a proxy may have added or removed it.
    """
    parts = urlsplit(public)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname or ""
    prefix = parts.path.rstrip("/")
    port = parts.port or _DEFAULT_PORTS.get(parts.scheme, 443)
    named = [f"{parts.scheme}://{parts.netloc}{prefix}", f"{parts.scheme}://{host}{prefix}"]
    return list(dict.fromkeys([*named, f"{parts.scheme}://{host}:{port}{prefix}"]))


def handshake_urls(public: str, path: str) -> list[str]:
    """Return every address a stream's handshake may have been signed with."""
    bare = path.rstrip("/")
    paths = dict.fromkeys([path, bare, f"{bare}/websocket", f"{path}/websocket"])
    hosts = [origin.partition("://")[2] for origin in origins(public)]
    return [f"{scheme}://{host}{one}" for host, scheme, one in product(hosts, _SCHEMES, paths)]
