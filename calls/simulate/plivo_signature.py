"""Sign a web request as Plivo does (V3), so that an application that checks signatures takes the simulated carrier's.

Source: the algorithm of ``plivo/utils/signature_v3.py`` in Plivo's Python SDK.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlsplit


def signed_text(url: str, form: Mapping[str, str]) -> str:
    """Return what is signed for a POST, without the nonce: note the ``?`` that stands there even without a query."""
    parts = urlsplit(url)
    query = "&".join(f"{key}={value}" for key, value in sorted(parse_qsl(parts.query, keep_blank_values=True)))
    base = f"{parts.scheme}://{parts.netloc}{parts.path}"
    if not form:
        return f"{base}?{query}" if query else base
    fields = "".join(f"{key}{form[key]}" for key in sorted(form))
    return f"{base}?{query}.{fields}" if query else f"{base}?{fields}"


def signature(url: str, form: Mapping[str, str], *, auth_token: str, nonce: str) -> str:
    text = f"{signed_text(url, form)}.{nonce}"
    return base64.b64encode(hmac.new(auth_token.encode(), text.encode(), hashlib.sha256).digest()).decode()


def signed_headers(url: str, form: Mapping[str, str], auth_token: str) -> dict[str, str]:
    nonce = f"{secrets.randbelow(10**20):020d}"
    signed = signature(url, form, auth_token=auth_token, nonce=nonce)
    return {
        "X-Plivo-Signature-V3": signed,
        "X-Plivo-Signature-Ma-V3": signed,
        "X-Plivo-Signature-V3-Nonce": nonce,
    }
