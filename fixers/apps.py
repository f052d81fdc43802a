from django.apps import AppConfig


class FixersConfig(AppConfig):
    name = "fixers"

    def ready(self) -> None:
        from fixers import receivers  # noqa: F401  (connects them; needs the app registry)
