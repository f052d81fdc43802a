"""What can go wrong with a carrier's REST, and what a person can do about it.

MirrorError
├── CarrierUnavailable       503  not reachable, no answer in time, or not one of its own: try again
│   └── CarrierBusy               too many requests of this account: try again later (``Retry-After``)
└── Conflict
    ├── CarrierAccountMissing  409  the call's account is not stored: add it
    ├── CallOver               409  the call has ended
    │   └── CarrierCallGone         the carrier knows it no more
    ├── CarrierUnauthorized    409  the stored auth id or token is wrong, or may not do this
    └── CarrierRefused         409  the carrier does not take the request as it is
"""

from __future__ import annotations

import math

from tenants.errors import Conflict, Unavailable


class CarrierUnavailable(Unavailable):
    code = "carrier_unavailable"
    title = "The carrier cannot be reached"


class CarrierBusy(CarrierUnavailable):
    code = "carrier_busy"
    title = "The carrier takes no more requests now"

    def __init__(self, detail: str, *, retry_after_s: float | None = None) -> None:
        super().__init__(detail)
        self.retry_after_s = retry_after_s

    def headers(self) -> dict[str, str]:
        return {"Retry-After": str(max(1, math.ceil(self.retry_after_s or 1)))}


class CarrierAccountMissing(Conflict):
    code = "carrier_account_missing"
    title = "There is no carrier account for this call"


class CallOver(Conflict):
    code = "call_over"
    title = "The call is over"


class CarrierCallGone(CallOver):
    """The carrier has no such call any more."""


class CarrierUnauthorized(Conflict):
    code = "carrier_unauthorized"
    title = "The carrier refuses the stored account"


class CarrierRefused(Conflict):
    code = "carrier_refused"
    title = "The carrier refused the request"
