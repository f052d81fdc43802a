from django.apps import AppConfig


class FixersConfig(AppConfig):
    name = "fixers"
