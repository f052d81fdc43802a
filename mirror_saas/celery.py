"""The Celery application. Two queues: ``judge`` answers live turns, ``default`` does all else.

Each app's ``tasks`` module may hold ``PERIODIC_TASKS``, a part of Celery's beat schedule:
``{"reports-purge": {"task": "reports.tasks.purge", "schedule": 3600.0}}``.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import warnings
from typing import Any

import redis
from celery import Celery
from celery.signals import beat_init, setup_logging, worker_init
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mirror_saas.settings")

APPS = ("tenants", "judging", "calls", "reports", "fixers")

# In a container everybody is root, and tasks are JSON: there is no pickle to be wary of.
warnings.filterwarnings("ignore", message="You're running the worker with superuser privileges")

app = Celery("mirror")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


def beat_key(prefix: str) -> str:
    """Where beat, which answers no ping, says that it runs: its process id."""
    return f"{prefix}:beat"


@app.on_after_finalize.connect
def schedule_gather(sender: Any, **_: Any) -> None:
    for name in APPS:
        if importlib.util.find_spec(f"{name}.tasks") is not None:
            module = importlib.import_module(f"{name}.tasks")
            sender.conf.beat_schedule.update(getattr(module, "PERIODIC_TASKS", {}))


@beat_init.connect
def beat_say(**_: Any) -> None:
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        client.set(beat_key(settings.MIRROR_REDIS_PREFIX), os.getpid())


@worker_init.connect
def classifier_warm(**_: Any) -> None:
    """Backtests classify in the worker: load before the first one."""
    # Django's applications are not loaded yet while this module is read.
    importlib.import_module("judging.classifying").classifier_load()


@setup_logging.connect
def logging_leave(**_: Any) -> None:
    """Keep Django's logging: Celery sets up its own only where nobody answers this signal."""
