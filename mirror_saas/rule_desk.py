"""Everything the page of one rule shows and does: its form, the classifier's standing, the typed turn."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from django.conf import settings

from calls.selectors import tool_names_seen
from judging.access import access_revision, access_rule
from judging.config import Tier1Standing, agent_judging_load, tier1_standing_load
from judging.core import Case, Compiled, Kind, Mode, Policy, Tier1Use, case_from_record, compile_policy
from judging.core.compiled import Tool
from judging.core.compiling import compiled_of
from judging.core.tryout import TryOut
from judging.deriving import policy_compile
from judging.models import PolicyRecord, PolicyRevision
from judging.reading_form import KINDS, SHAPES, SPANS, ClauseRows, ReadingForm, form_of, form_read
from judging.review import turn_try
from judging.rule_readings import RuleReading, clauses_shown, may_stop_kinds, rule_reading
from judging.selectors import policies_active, policy_of
from judging.services import rule_reading_change
from tenants.access import Actor, access_agent
from tenants.agent_settings import AgentSettings
from tenants.models import Agent
from tenants.scope import tenant_context

MAX_TURN_CHARS = 8_192
_FAILURES: Mapping[str, str] = {
    "timeout": "it did not answer in time",
    "budget": "the day's budget is spent",
    "garbage": "its answers were not of the form that was asked for",
    "unavailable": "it cannot be reached",
}


@dataclass
class TypedTurn:
    """``error`` says why it cannot be judged as typed."""

    agent: str = ""
    customer: str = ""
    tool: str = ""
    error: str = ""

    @classmethod
    def read(cls, data: Mapping[str, str]) -> TypedTurn:
        return cls(*(data.get(f"try-{name}", "").strip() for name in ("agent", "customer", "tool")))

    def case(self, policy: Policy) -> Case | None:
        """Return the turn with the rule it is judged by, enforced; None where there is nothing to judge."""
        if not self.agent and not self.tool:
            self.error = "Type what the agent says, or a tool it calls."
        elif max(map(len, (self.agent, self.customer, self.tool))) > MAX_TURN_CHARS:
            self.error = f"A turn has at most {MAX_TURN_CHARS} characters."
        if self.error:
            return None
        calls = [{"name": self.tool, "args": {}}] if self.tool else []
        record = {"agent_text": self.agent, "customer_text": self.customer, "tool_calls": calls}
        return case_from_record(record, [replace(policy, mode=Mode.ENFORCE)])


@dataclass
class RuleDesk:
    """``form`` is as the rule is read, or as the browser sent it. ``active`` is the revision that was active when the
    page was first shown: what is saved from it may replace that one only."""

    tenant_id: UUID
    agent: Agent
    revision: PolicyRevision
    record: PolicyRecord
    shown: RuleReading
    active: str
    standing: Tier1Standing | None
    tools: list[str]
    has_llm: bool
    form: ReadingForm
    turn: TypedTurn = field(default_factory=TypedTurn)
    tried: TryOut | None = None
    notice: str = ""
    is_new_tool_fine: bool = False
    origin: str = ""  # the digest of what a model wrote into the form

    kinds, shapes, spans = KINDS, SHAPES, SPANS

    @classmethod
    def load(cls, actor: Actor, slug: str, number: int, key: str) -> RuleDesk:
        """Inside ``tenant_context`` only. Raises: NotFound."""
        agent = access_agent(actor, slug)
        revision = access_revision(actor, agent, number)
        record = access_rule(actor, revision, key)
        standing, config = tier1_standing_load(), agent_judging_load(agent.id)
        shown = rule_reading(record, standing.uses if standing else None)
        return cls(
            tenant_id=actor.tenant_id,
            agent=agent,
            revision=revision,
            record=record,
            shown=shown,
            active=str(policies_active(agent.id)[0]),
            standing=standing,
            tools=_tools_known(agent, revision),
            has_llm=config is not None and config.has_generator,
            form=form_of(shown.reading.compiled),
        )

    @property
    def by_rules(self) -> Any:
        """What the rules say of it now."""
        return clauses_shown(compile_policy(self.record.text))

    @property
    def is_as_rules(self) -> bool:
        return self.shown.reading.compiled.asks_like(compile_policy(self.record.text))

    @property
    def can_reset(self) -> bool:
        """Whether the form is anything else than what the rules read."""
        meant = self.form.meant()
        return meant is None or not meant.asks_like(compile_policy(self.record.text))

    @property
    def is_llm_alone(self) -> bool:
        return not any(clause.is_asked for clause in self.form.clauses)

    @property
    def can_stop(self) -> bool:
        """Whether the classifier may stop a turn by the form as it stands, if its writer lets it."""
        compiled = None if self.form.has_errors else self.form.meant()
        return bool(compiled and may_stop_kinds(compiled, self.standing.uses if self.standing else None))

    @property
    def precisions(self) -> list[tuple[str, float | None, bool]]:
        """Of each kind in the form its label, the precision measured and whether it may stop a turn."""
        if self.standing is None:
            return []
        uses, precisions, labels = self.standing.uses, self.standing.precisions, dict(KINDS)
        kinds = dict.fromkeys(Kind(clause.kind) for clause in self.form.clauses if clause.is_asked)
        return [(labels[kind], precisions.get(kind), not uses.get(kind, Tier1Use()).is_observed) for kind in kinds]

    def take(self, data: Mapping[str, str]) -> None:
        """Take what the browser sent."""
        self.form, self.turn = form_read(data), TypedTurn.read(data)
        self.active, self.origin = data.get("active", self.active), data.get("origin", "")
        self.is_new_tool_fine = data.get("new_tool", "") == "yes"

    def compiled(self) -> Compiled | None:
        """The form that is meant, with who made it; None where something is wrong with it."""
        found = self.form.check(self.tools, is_new_tool_fine=self.is_new_tool_fine)
        if found is None:
            return None
        return replace(found, made_by="model") if self.origin and _digest(found) == self.origin else found

    def save(self, actor: Actor) -> PolicyRevision | None:
        """Write the form as a new revision, not active yet; None where something is wrong with it. Inside
        ``tenant_context`` only.

        Raises:
            PolicyInvalid: nothing was written.
        """
        compiled, key = self.compiled(), self.record.key
        if compiled is None:
            return None
        note = f"Changed what is asked for rule {self.record.position + 1}"
        return rule_reading_change(
            agent=self.agent, base=self.revision, key=key, compiled=compiled, actor=actor, note=note
        )

    def do(self, what: str) -> None:
        """Do what a button says that writes nothing. Outside of any ``tenant_context``: models may be asked."""
        if what == "reset":
            self.form = form_of(compile_policy(self.record.text))
            self.notice = "This is what the rules read. Save it to use it."
        elif what == "ask" and self.has_llm:
            self._ask_model()
        elif what == "add":
            self.form.clauses.append(ClauseRows())
        elif what.startswith("remove-") and what[7:].isdecimal():
            self.form.clauses = [one for at, one in enumerate(self.form.clauses) if at != int(what[7:])]
        elif what == "try":
            self._try()

    def _ask_model(self) -> None:
        found = policy_compile(
            tenant_id=self.tenant_id,
            agent_id=self.agent.id,
            text=self.record.text,
            deadline_s=settings.MIRROR_LLM_TIMEOUT_MS / 1000,
        )
        self.form = form_of(found.compiled)
        if found.failure:
            why = _FAILURES.get(found.failure, "it failed")
            self.notice = f"The language model gave no form: {why}. This is what the rules read."
        else:
            self.origin = _digest(found.compiled)
            self.notice = "The language model wrote this. Read it, try a turn, then save it."

    def _try(self) -> None:
        compiled = self.compiled()
        case = self.turn.case(replace(policy_of(self.record), compiled=compiled)) if compiled else None
        if case is None:
            return
        with tenant_context(self.tenant_id):
            config = agent_judging_load(self.agent.id)
        if config is None:
            self.turn.error = "The agent is switched off."
        else:
            self.tried = turn_try(case, config)


def _digest(compiled: Compiled) -> str:
    return hashlib.sha256(json.dumps(compiled.as_json()["clauses"], sort_keys=True).encode()).hexdigest()


def _tools_known(agent: Agent, revision: PolicyRevision) -> list[str]:
    """The tools of an agent: called in its calls, set up for it, or named by its rules."""
    given = AgentSettings.from_json(agent.settings)
    policies = [policy_of(record) for record in revision.rules.all()]
    parts = [part for policy in policies for clause in compiled_of(policy).clauses for part in clause.parts]
    named = {part.name for part in parts if isinstance(part, Tool) and not part.name.startswith("*")}
    return sorted({*tool_names_seen(agent.id), *given.irreversible_tools, *given.tool_fail_modes, *named})
