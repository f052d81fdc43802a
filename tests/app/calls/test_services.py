"""What is written about calls, also when many write at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection
from django.utils.timezone import now

from calls.errors import StreamTokenRefused
from calls.gate import token_hash
from calls.models import (
    Call,
    MessageRecord,
    StreamEvent,
    StreamToken,
    ToolDecisionRecord,
    TurnRecord,
    VerdictRecord,
)
from calls.services import (
    Ended,
    Entry,
    call_id_for,
    call_open,
    calls_seen,
    calls_sweep,
    commit_token_redeem,
    rows_write,
)
from calls.signals import call_ended
from calls.stream_events import stream_connected
from calls.stream_tokens import stream_token_bind, stream_token_find, stream_token_mint
from calls.tasks import calls_purge_all, calls_sweep_all
from calls.wire.supervise import CallStart
from tenants.scope import tenant_context
from tests.app.calls.rows import heard, message, opened, tool_decision, turn, verdict

MANY = 20


def at_once(function):
    """Run it in many threads at the same moment; return what each returned."""

    def run(number):
        try:
            return function(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(MANY) as threads:
        return list(threads.map(run, range(MANY)))


@pytest.fixture
def endings():
    """The calls whose end was told."""
    told = []

    def hear(**sent):
        told.append(sent["call_id"])

    call_ended.connect(hear)
    yield told
    call_ended.disconnect(hear)


def stored(cast, model, call_id, *fields):
    with tenant_context(cast.tenant.id):
        return list(model.objects.filter(call_id=call_id).order_by("n").values_list(*fields))


def status(cast, call_id):
    with tenant_context(cast.tenant.id):
        call = Call.objects.get(id=call_id)
    return call.status, call.end_reason


# --- opening ---


def test_a_call_is_made_once_and_found_again(cast):
    first, again = opened(cast), opened(cast)
    assert (first.is_new, again.is_new, again.is_ended) == (True, False, False)
    assert first.call_id == again.call_id == call_id_for(cast.tenant.id, "c-1")
    assert first.started_at == again.started_at


def test_many_who_open_one_call_at_once_make_one_call(transactional_cast):
    found = at_once(lambda _: opened(transactional_cast))
    assert sum(one.is_new for one in found) == 1
    assert len({one.call_id for one in found}) == 1


def test_another_tenants_call_of_the_same_name_is_another_call(cast):
    ours = opened(cast)
    theirs = call_open(
        tenant_id=cast.other_tenant.id, agent_id=cast.other_agent.id, start=CallStart("c-1", "orders"),
        transport="supervise", revision=1,
    )  # fmt: skip
    assert theirs.is_new
    assert theirs.call_id != ours.call_id


def test_a_known_call_says_how_far_it_is_recorded(cast):
    call = opened(cast)
    rows_write(tenant_id=cast.tenant.id, entries={call.call_id: [message(1, 4), turn(2), verdict(3), message(4, 6)]})
    again = opened(cast)
    assert (again.last_seq, again.last_n) == (6, 4)


# --- rows ---


def test_a_batch_that_is_written_twice_is_stored_once(cast):
    call = opened(cast)
    listed: list[Entry] = [message(1), turn(2), verdict(3), tool_decision(4, "secret"), heard(2, "Hel")]
    batch = {call.call_id: listed}
    for _ in range(2):
        rows_write(tenant_id=cast.tenant.id, entries=batch)
    assert stored(cast, TurnRecord, call.call_id, "n", "text", "heard_text") == [(2, "Hello.", "Hel")]
    assert stored(cast, VerdictRecord, call.call_id, "n") == [(3,)]
    assert stored(cast, MessageRecord, call.call_id, "n", "seq") == [(1, 1)]


def test_many_who_write_one_batch_at_once_store_it_once(transactional_cast):
    call = opened(transactional_cast)
    batch = {call.call_id: [message(1), turn(2), verdict(3)]}
    at_once(lambda _: rows_write(tenant_id=transactional_cast.tenant.id, entries=batch))
    assert stored(transactional_cast, TurnRecord, call.call_id, "n") == [(2,)]
    assert stored(transactional_cast, MessageRecord, call.call_id, "n") == [(1,)]


@pytest.mark.parametrize("listed", [[turn(1), heard(1, "Hel")], [heard(1, "Hel"), turn(1)]])
def test_a_row_and_its_change_may_come_in_one_batch_in_any_order(cast, listed):
    call = opened(cast)
    rows_write(tenant_id=cast.tenant.id, entries={call.call_id: listed})
    assert stored(cast, TurnRecord, call.call_id, "heard_text") == [("Hel",)]


def test_a_change_reaches_a_row_of_an_earlier_batch_and_of_its_own_call_only(cast):
    one, other = opened(cast), opened(cast, "c-2")
    rows_write(tenant_id=cast.tenant.id, entries={one.call_id: [turn(1)], other.call_id: [turn(1)]})
    rows_write(tenant_id=cast.tenant.id, entries={one.call_id: [heard(1, "Hel"), heard(1, "Hello.")]})
    assert stored(cast, TurnRecord, one.call_id, "heard_text") == [("Hello.",)]
    assert stored(cast, TurnRecord, other.call_id, "heard_text") == [(None,)]


def test_a_batch_is_stored_whole_or_not_at_all(transactional_cast):
    cast = transactional_cast
    call = opened(cast)
    entries = {call.call_id: [turn(1)], call_id_for(cast.tenant.id, "unknown"): [turn(1)]}
    with pytest.raises(IntegrityError):
        rows_write(tenant_id=cast.tenant.id, entries=entries)
    assert stored(cast, TurnRecord, call.call_id, "n") == []


def test_a_commit_token_is_stored_as_its_hash_only(cast):
    call = opened(cast)
    rows_write(tenant_id=cast.tenant.id, entries={call.call_id: [tool_decision(1, "secret"), tool_decision(2)]})
    rows = stored(cast, ToolDecisionRecord, call.call_id, "token_hash")
    assert rows == [(token_hash("secret"),), ("",)]


def test_the_risk_of_a_call_is_its_highest_score(cast):
    call = opened(cast)
    for scores in ((0.4, 0.8), (0.2,)):
        rows = [verdict(n, score) for n, score in enumerate(scores, 10 * len(scores))]
        rows_write(tenant_id=cast.tenant.id, entries={call.call_id: rows})
    with tenant_context(cast.tenant.id):
        assert Call.objects.get(id=call.call_id).risk == 0.8


# --- the end ---


def test_a_call_ends_once_and_its_end_is_told_once(cast, endings):
    call = opened(cast)
    at = datetime(2026, 1, 1, tzinfo=UTC)
    for reason in ("done", "again", "late"):
        rows_write(tenant_id=cast.tenant.id, entries={call.call_id: [turn(1), Ended(reason, at)]})
    assert status(cast, call.call_id) == ("ended", "done")
    assert endings == [call.call_id]
    assert opened(cast).is_ended


def test_many_who_end_one_call_at_once_tell_it_once(transactional_cast, endings):
    cast = transactional_cast
    call = opened(cast)
    ends = {number: {call.call_id: [Ended(f"r{number}", now())]} for number in range(MANY)}
    at_once(lambda number: rows_write(tenant_id=cast.tenant.id, entries=ends[number]))
    assert endings == [call.call_id]


def unseen(cast, call, *, for_s):
    with tenant_context(cast.tenant.id):
        Call.objects.filter(id=call.call_id).update(last_seen_at=now() - timedelta(seconds=for_s))


def test_the_sweeper_ends_calls_that_stayed_away_and_no_other(cast, endings):
    gone, kept, seen = (opened(cast, name) for name in ("gone", "kept", "seen"))
    unseen(cast, gone, for_s=100)
    unseen(cast, kept, for_s=80)
    unseen(cast, seen, for_s=100)
    calls_seen(tenant_id=cast.tenant.id, call_ids=[seen.call_id])
    assert calls_sweep(tenant_id=cast.tenant.id, away_s=90) == 1
    assert endings == [gone.call_id]
    assert status(cast, gone.call_id) == ("ended", "connection_lost")
    assert status(cast, kept.call_id) == status(cast, seen.call_id) == ("live", "")


def test_the_sweeper_goes_through_all_tenants(transactional_cast, endings):
    call = opened(transactional_cast)
    unseen(transactional_cast, call, for_s=100)
    assert calls_sweep_all() == 1
    assert calls_sweep_all() == 0
    assert endings == [call.call_id]


def ended_ago(cast, name, days):
    call = opened(cast, name)
    rows_write(tenant_id=cast.tenant.id, entries={call.call_id: [turn(1), Ended("done", now() - timedelta(days=days))]})
    return call


def test_what_is_older_than_its_retention_is_deleted_with_its_rows(transactional_cast, endings):
    cast = transactional_cast
    old, young, live = ended_ago(cast, "old", 31), ended_ago(cast, "young", 29), opened(cast, "live")
    assert (calls_purge_all(), calls_purge_all()) == (1, 0)
    with tenant_context(cast.tenant.id):
        assert set(Call.objects.values_list("id", flat=True)) == {young.call_id, live.call_id}
        assert not TurnRecord.objects.filter(call_id=old.call_id).exists()


def streamed(cast, call_id, *, days):
    with tenant_context(cast.tenant.id):
        stream_connected(agent_id=cast.agent.id, call_id=call_id, stream_id=f"{days} days old", told={})
        events = StreamEvent.objects.filter(call_id=call_id, stream_id=f"{days} days old")
        events.update(created_at=now() - timedelta(days=days))


def test_what_the_carrier_told_goes_with_its_call_and_by_itself_where_none_came_of_it(transactional_cast, endings):
    cast = transactional_cast
    old, live = ended_ago(cast, "old", 31), opened(cast, "live")
    for call_id in (old.call_id, live.call_id, uuid4()):
        streamed(cast, call_id, days=40)
    streamed(cast, uuid4(), days=3)
    calls_purge_all()
    with tenant_context(cast.tenant.id):
        kept = set(StreamEvent.objects.values_list("call_id", "stream_id"))
    assert {stream for _, stream in kept} == {"40 days old", "3 days old"}
    assert len(kept) == 2
    assert (live.call_id, "40 days old") in kept


# --- stream tokens ---


def token(cast, **fields):
    return stream_token_mint(tenant_id=cast.tenant.id, agent_id=cast.agent.id, **fields)[0]


def bind(cast, told, call="call-1"):
    tenant_id, found = stream_token_find(told)
    stream_token_bind(tenant_id=tenant_id, token_id=found.id, carrier_call_id=call)


def test_a_token_opens_its_first_call_again_and_no_other(cast):
    told = token(cast)
    bind(cast, told)
    bind(cast, told)
    with pytest.raises(StreamTokenRefused):
        bind(cast, told, "call-2")


def test_a_token_for_one_call_opens_no_other(cast):
    told = token(cast, carrier_call_id="call-1")
    with pytest.raises(StreamTokenRefused):
        bind(cast, told, "call-2")
    bind(cast, told)


def test_a_token_is_won_by_one_call(transactional_cast):
    cast = transactional_cast
    told = token(cast)

    def try_(number):
        try:
            bind(cast, told, f"call-{number}")
        except StreamTokenRefused:
            return False
        return True

    assert sum(at_once(try_)) == 1


def expire(cast):
    with tenant_context(cast.tenant.id):
        StreamToken.objects.update(expires_at=now() - timedelta(seconds=1))


def test_an_expired_token_opens_nothing_new_but_its_own_call_again(cast):
    unused, used = token(cast), token(cast)
    bind(cast, used)
    expire(cast)
    with pytest.raises(StreamTokenRefused):
        bind(cast, unused)
    bind(cast, used)
    with pytest.raises(StreamTokenRefused):
        bind(cast, used, "call-2")


def test_a_token_that_expires_before_it_is_bound_opens_nothing(cast):
    tenant_id, found = stream_token_find(token(cast))
    expire(cast)
    with pytest.raises(StreamTokenRefused):
        stream_token_bind(tenant_id=tenant_id, token_id=found.id, carrier_call_id="call-1")


def test_a_standing_token_opens_any_call_until_it_expires(cast):
    told = token(cast, is_reusable=True)
    for call in ("call-1", "call-2", "call-1"):
        bind(cast, told, call)
    expire(cast)
    with pytest.raises(StreamTokenRefused):
        bind(cast, told, "call-3")


@pytest.mark.parametrize("told", ["", "x", "x.y", "0" * 32, f"{'0' * 32}.secret", "\x00.x", "é" * 40])
def test_what_is_no_token_opens_nothing(db, told):
    with pytest.raises(StreamTokenRefused):
        stream_token_find(told)


def test_a_token_is_of_no_use_in_another_tenant(cast):
    secret = token(cast).partition(".")[2]
    with pytest.raises(StreamTokenRefused):
        stream_token_find(f"{cast.other_tenant.id.hex}.{secret}")


# --- commit tokens ---


def committed(cast):
    call = opened(cast)
    rows_write(tenant_id=cast.tenant.id, entries={call.call_id: [tool_decision(1, "secret"), tool_decision(2)]})
    return call


def redeem(cast, told="secret", *, name="place_order", hash_="h", tenant=None):
    tenant_id = (tenant or cast.tenant).id
    return commit_token_redeem(tenant_id=tenant_id, token=told, name=name, arguments_hash=hash_)


def test_a_commit_token_is_redeemed_once(cast):
    call = committed(cast)
    row = redeem(cast)
    assert (row.call_id, row.tool_call_id, row.redeemed_at is not None) == (call.call_id, "tool-1", True)
    assert redeem(cast) is None


@pytest.mark.parametrize("wrong", [{"told": "other"}, {"told": ""}, {"name": "charge_card"}, {"hash_": "i"}])
def test_a_commit_token_is_for_exactly_its_call(cast, wrong):
    committed(cast)
    assert redeem(cast, **wrong) is None
    assert redeem(cast) is not None


def test_another_tenant_redeems_nothing(cast):
    committed(cast)
    assert redeem(cast, tenant=cast.other_tenant) is None


def test_many_who_redeem_one_token_at_once_redeem_it_once(transactional_cast):
    committed(transactional_cast)
    found = at_once(lambda _: redeem(transactional_cast))
    assert sum(row is not None for row in found) == 1
