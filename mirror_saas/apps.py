from django.apps import AppConfig


class MirrorConfig(AppConfig):
    """The composition root as an app: its commands and system checks."""

    name = "mirror_saas"

    def ready(self) -> None:
        # Both need the app registry: importing ``checks`` registers them.
        from mirror_saas import checks  # noqa: F401
        from mirror_saas.completions import completer_of_tenant
        from reports.completers import completer_register

        completer_register(completer_of_tenant)
