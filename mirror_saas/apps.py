from django.apps import AppConfig


class MirrorConfig(AppConfig):
    """The composition root as an app: its commands and system checks."""

    name = "mirror_saas"

    def ready(self) -> None:
        from mirror_saas import checks  # noqa: F401  (registers them; needs the app registry)
