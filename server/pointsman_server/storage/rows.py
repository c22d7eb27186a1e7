"""What the ledger records, as rows: values in the order of the tables' columns."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from pointsman.v1.decision_pb2 import Decision

from pointsman_server.ledger.batch import Ending, Entry, Held, Orphaned, Redefined, ReservationKey, ReservationState
from pointsman_server.ledger.claims import Claim, ClaimEnd
from pointsman_server.ledger.meters import UNITS, Counter, CounterKey, Line, Meter, MeterKey, Scope
from pointsman_server.ledger.model import (
    Charge,
    Checkpoint,
    DecisionEntry,
    OutcomeEntry,
    Progress,
    Reservation,
    ReserveRequest,
    flag_names,
)
from pointsman_server.ledger.windows import MeterKind
from pointsman_server.storage.tables import RESERVATIONS
from pointsman_server.storage.times import from_micros, to_micros

Row = tuple[str | int | bytes | None, ...]


def decision_row(entry: DecisionEntry, completion_id: str) -> Row:
    """A row of ``decisions``; an empty ``completion_id`` means that the decision was only routed."""
    decision = entry.decision
    return (
        entry.tenant_id,
        decision.decision_id,
        decision.create_time.ToMicroseconds(),
        entry.user_id,
        completion_id or None,
        decision.plan[0] if decision.plan else "",
        decision.facts.agent_id,
        decision.facts.task_type,
        decision.facts.purpose,
        "",
        _without_outcome(decision).SerializeToString(),
        None,
    )


def outcome_row(entry: OutcomeEntry) -> Row:
    """The values that an outcome sets in ``decisions``, then the key of the row."""
    outcome = entry.outcome
    blob = outcome.SerializeToString()
    return (outcome.status, outcome.model_id, outcome.completion_id, blob, entry.tenant_id, entry.decision_id)


def reservation_row(reservation: Reservation) -> Row:
    """A row of ``reservations``, open."""
    return (
        *_attempt_values(reservation),
        reservation.request.worst_case_cost_nanos,
        json.dumps(dict(reservation.request.charge.labels)),
        ReservationState.OPEN.value,
        to_micros(reservation.created_at),
        None,
        lines_json(reservation.lines),
        reservation.replica_id,
        reservation.request.input_tokens_bound,
        reservation.request.max_output_tokens,
        to_micros(reservation.expires_at) if reservation.expires_at else 0,
        *(None,) * 5,  # neither unknown nor checkpointed
        "",
    )


def reservation_of(row: Sequence[Any]) -> Reservation:
    """The reservation that a row of ``reservations`` holds."""
    named = dict(zip((column.name for column in RESERVATIONS.columns), row, strict=True))
    charge = Charge(
        **{field.name: named[field.name] for field in fields(Charge) if field.name != "labels"},
        labels=json.loads(named["labels"]),
    )
    request = ReserveRequest(
        charge=charge,
        attempt=named["attempt"],
        provider_id=named["provider_id"],
        model_id=named["model_id"],
        worst_case_cost_nanos=named["worst_case_cost_nanos"],
        input_tokens_bound=named["input_tokens_bound"],
        max_output_tokens=named["max_output_tokens"],
    )
    return Reservation(
        reservation_id=named["reservation_id"],
        request=request,
        created_at=from_micros(named["created_at"]),
        lines=lines_of(named["lines"]),
        replica_id=named["replica_id"],
        expires_at=from_micros(named["expires_at"]) if named["expires_at"] else None,
        checkpoint=_checkpoint_of(named),
    )


def _checkpoint_of(named: Mapping[str, Any]) -> Checkpoint | None:
    if named["checkpoint_at"] is None:
        return None
    return Checkpoint(
        at=from_micros(named["checkpoint_at"]),
        input_tokens=named["checkpoint_input_tokens"],
        output_tokens=named["checkpoint_output_tokens"],
        cost_nanos=named["checkpoint_cost_nanos"],
    )


def lines_json(lines: Iterable[Line]) -> str:
    """The lines as ``reservations`` holds them."""
    return json.dumps(list(lines), separators=(",", ":"))


def lines_of(text: str) -> tuple[Line, ...]:
    """The lines that ``lines_json`` wrote."""
    return tuple(Line(*values) for values in json.loads(text))


def held_of(state: str, created_at: int, lines: str) -> Held:
    """What a reservation holds, by these columns of ``reservations``."""
    return Held(from_micros(created_at), lines_of(lines), ReservationState(state))


def lines_row(key: ReservationKey, lines: Iterable[Line]) -> Row:
    """The value that a change of lines sets in ``reservations``, then the key of the row."""
    return (lines_json(lines), *key)


def counter_row(key: CounterKey, counter: Counter) -> Row:
    """A row of ``meter_counters``."""
    return (*key, counter.posted, counter.reserved, counter.arrival_nanos, to_micros(counter.decided_at))


def counters_of(rows: Iterable[Sequence[Any]]) -> dict[CounterKey, Counter]:
    """The counters that rows of ``meter_counters`` hold."""
    return {
        CounterKey(tenant_id, meter_id, bucket): Counter(posted, reserved, arrival_nanos, from_micros(decided_at))
        for tenant_id, meter_id, bucket, posted, reserved, arrival_nanos, decided_at in rows
    }


def meter_of(row: Sequence[Any]) -> Meter:
    """The meter that the first columns of a row of ``meters`` hold."""
    tenant_id, meter_id, name, scope, scope_id, unit, kind, period_s, limit, frozen, _, _, source, *_ = row
    return Meter(
        key=MeterKey(tenant_id, meter_id),
        name=name,
        scope=Scope(scope),
        scope_id=scope_id,
        unit=UNITS[unit],
        kind=MeterKind(kind),
        period_s=period_s,
        limit=limit,
        frozen=bool(frozen),
        source=source,
    )


def meter_row(meter: Meter, now: int) -> Row:
    """A row of ``meters`` that is made now."""
    return (
        *meter.key,
        meter.name,
        meter.scope.value,
        meter.scope_id,
        meter.unit.value,
        meter.kind.value,
        meter.period_s,
        meter.limit,
        meter.frozen,
        now,
        now,
        meter.source,
    )


def redefined_row(redefined: Redefined) -> Row:
    """The values that another word of a plan or a rule sets in ``meters``, then the key of the row."""
    meter = redefined.meter
    return (meter.name, meter.limit, meter.source, to_micros(redefined.at), *meter.key)


def claim_row(claim: Claim) -> Row:
    """The first columns of a row of ``completion_claims``."""
    return (*claim.key, claim.completion_id, claim.decision_id, claim.body_digest, to_micros(claim.created_at))


def claim_name(claim: Claim) -> Row:
    """What names a claim: the key of its row, and the completion that has it."""
    return (*claim.key, claim.completion_id)


def claim_end_row(end: ClaimEnd) -> Row:
    """The values that an end sets in ``completion_claims``, then the claim's name."""
    return (end.status, end.told and end.told.SerializeToString(), *claim_name(end.claim))


def ending_row(key: ReservationKey, ending: Ending) -> Row:
    """The values that an end sets in ``reservations``, then the key of the row."""
    return (ending.state.value, to_micros(ending.ended_at), ending.resolver.value, *key)


def orphan_row(key: ReservationKey, orphaned: Orphaned) -> Row:
    """The value that the loss of its server sets in ``reservations``, then the key of the row."""
    return (to_micros(orphaned.found_at), *key)


def mark_row(progress: Progress, at: datetime) -> Row:
    """The values that a checkpoint sets in ``reservations``, then the key of the row."""
    used = (progress.input_tokens, progress.output_tokens, progress.cost_nanos)
    return (to_micros(at), *used, progress.tenant_id, progress.reservation_id)


def entry_row(entry: Entry) -> Row:
    """A row of ``usage_entries``."""
    settlement = entry.settlement
    usage = settlement.usage
    return (
        *_attempt_values(entry.reservation),
        settlement.outcome.value,
        settlement.failure_kind,
        usage.input_tokens,
        usage.cache_read_tokens,
        usage.cache_write_tokens,
        usage.cache_write_long_tokens,
        usage.input_audio_tokens,
        usage.output_tokens,
        usage.reasoning_tokens,
        usage.output_audio_tokens,
        usage.estimated,
        settlement.cost_nanos,
        settlement.latency_ms,
        settlement.time_to_first_token_ms,
        to_micros(entry.ended_at),
        settlement.at_ceiling,
        ",".join(flag_names(settlement.usage_flags)),
    )


def label_rows(reservation: Reservation) -> Iterator[Row]:
    """Rows of ``usage_labels``, one for each label of an entry."""
    charge = reservation.request.charge
    return ((charge.tenant_id, reservation.reservation_id, *label) for label in charge.labels.items())


def _attempt_values(reservation: Reservation) -> Row:
    request = reservation.request
    charge = request.charge
    return (
        charge.tenant_id,
        reservation.reservation_id,
        charge.user_id,
        charge.completion_id,
        charge.decision_id,
        charge.project_id,
        charge.agent_id,
        charge.run_id,
        charge.purpose,
        charge.task_code,
        charge.task_type,
        request.attempt,
        request.provider_id,
        request.model_id,
    )


def _without_outcome(decision: Decision) -> Decision:
    """The decision as it was made: what came later stands in columns of its own."""
    if not decision.HasField("outcome") and not decision.HasField("rating"):
        return decision
    made = Decision()
    made.CopyFrom(decision)
    made.ClearField("outcome")
    made.ClearField("rating")
    return made
