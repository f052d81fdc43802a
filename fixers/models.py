"""Prompt repositories and the fixes proposed to them."""

from __future__ import annotations

from django.db import models

from reports.models import Problem
from tenants.models import Agent, Credential, TenantModel, User


class Repository(TenantModel):
    """Where an agent's prompt lives. Only ``path`` (the allow-listed file) is ever touched.

    ``embedding`` says how the prompt sits in the file: ``whole``, ``python:NAME``, ``yaml:key.path``, ``json:...``,
    ``toml:...``.
    """

    class Host(models.TextChoices):
        GIT = "git"
        GITHUB = "github"
        GITLAB = "gitlab"

    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="+")
    host = models.CharField(max_length=16, choices=Host.choices, default=Host.GIT)
    location = models.CharField(max_length=500)  # git: URL or folder of the remote; others: owner/name
    base_branch = models.CharField(max_length=200, default="main")
    path = models.CharField(max_length=300)
    embedding = models.CharField(max_length=200, default="whole")
    credential = models.ForeignKey(Credential, null=True, on_delete=models.SET_NULL, related_name="+")
    is_auto_open = models.BooleanField(default=False)
    auto_open_confidence = models.FloatField(default=0.8)
    auto_open_occurrences = models.PositiveIntegerField(default=2)
    max_open = models.PositiveIntegerField(default=5)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["agent"], name="repository_per_agent")]


class Fix(TenantModel):
    """A proposed change for a problem: what is previewed here is byte for byte what is committed.

    One per problem and round (``round`` grows when a fixed problem regresses). ``claimed_at`` names the one worker
    that writes to the host.
    """

    class Status(models.TextChoices):
        PROPOSED = "proposed"
        APPROVED = "approved"
        OPENING = "opening"
        OPEN = "open"
        MERGED = "merged"
        CLOSED = "closed"
        DISMISSED = "dismissed"
        FAILED = "failed"

    problem = models.ForeignKey(Problem, on_delete=models.CASCADE, related_name="fixes")
    repository = models.ForeignKey(Repository, on_delete=models.CASCADE, related_name="+")
    round = models.PositiveIntegerField(default=1)
    status = models.CharField(max_length=16, choices=Status.choices, default=Status.PROPOSED)
    branch = models.CharField(max_length=200)
    title = models.CharField(max_length=200)
    body = models.TextField()
    base_commit = models.CharField(max_length=64)
    base_sha256 = models.CharField(max_length=64)  # of the file the patch was made for
    path = models.CharField(max_length=300)
    encoding = models.CharField(max_length=32, default="utf-8")
    new_text = models.TextField()
    diff = models.TextField()
    rule_key = models.CharField(max_length=32, blank=True)  # marks the rule in the prompt
    rule_text = models.TextField()
    source = models.CharField(max_length=16, default="rules")
    confidence = models.FloatField(default=0.0)
    failure = models.TextField(blank=True)
    url = models.CharField(max_length=500, blank=True)
    commit = models.CharField(max_length=64, blank=True)
    claimed_at = models.DateTimeField(null=True)
    attempt_count = models.PositiveIntegerField(default=0)
    approved_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    opened_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["problem", "round"], name="fix_once")]
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["status", "updated_at"])]
