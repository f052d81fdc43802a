"""The pool of database connections, and what a connection must forget before the next borrower gets it.

Imports nothing of Django, because the settings import it.
"""

from __future__ import annotations

from typing import Any

import psycopg


def pool_options(size: int) -> dict[str, Any]:
    """Return what Django hands to ``psycopg_pool.ConnectionPool``."""
    return {"min_size": 1, "max_size": size, "timeout": 10, "reset": tenant_forget}


def tenant_forget(connection: psycopg.Connection[Any]) -> None:
    """Clear the tenant of the session, whoever set it and however.

    ``tenant_context`` sets the tenant for one transaction only, so this finds nothing to clear. It is for the code that
    sets it for the session by mistake: without this, the next borrower reads that tenant's rows.
    """
    connection.execute("RESET app.tenant_id")
    connection.commit()
