from django.apps import AppConfig


class CallsConfig(AppConfig):
    name = "calls"

    def ready(self) -> None:
        from calls import receivers  # noqa: F401  (connects them; needs the app registry)
