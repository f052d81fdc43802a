"""How a prompt sits in a file: one module per kind, each with ``slot(source, name) -> Slot``. Pure Python."""
