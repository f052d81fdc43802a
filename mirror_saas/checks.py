"""System checks with stable ids (``mirror.E001`` ...)."""
