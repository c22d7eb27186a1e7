"""What calls of a kind have in common over one snapshot, found with the first of them and kept for the others."""

from __future__ import annotations

from typing import NamedTuple

from pointsman.v1.model_pb2 import Capability

from pointsman_server.policy.model import ModelLimits, Verdict
from pointsman_server.router.eligibility import Eligibility, everything
from pointsman_server.router.field import Field
from pointsman_server.router.filters.table import OF_CALL, OF_CATALOG, OF_CONTENT, OF_POLICY, PINS
from pointsman_server.router.model import Defaults, Facts
from pointsman_server.router.problem import Problem
from pointsman_server.router.snapshot_index import SnapshotIndex

MOST_KEPT_BYTES = 2**26
"""What is kept of one snapshot, about; when it is more, all is forgotten."""

_KIND_BYTES, _ROW_BYTES, _FIELD_BYTES = 2**14, 8, 128
"""Of what is kept, for each kind, for each row of the catalog there, and for each row of a field."""

_NOTHING_ASKED = Facts(
    input_tokens_bound=0,
    input_tokens_expected=0,
    token_counter="",
    max_output_tokens=None,
    required_capabilities=frozenset(),
)
_NO_LIMITS = Verdict(max_output_tokens=None, default_output_tokens=1, max_attempts=1, allow_fallback=False)


class _Kind(NamedTuple):
    """What the filters before ``OF_CALL`` read of a call."""

    pinned_models: tuple[str, ...]
    pinned_providers: tuple[str, ...]
    remote_uri_count: int
    required_capabilities: frozenset[Capability.ValueType]
    models: ModelLimits


class _Screened(NamedTuple):
    """The models that may serve a kind of call, whatever its lengths and ceilings, and the fields made of them."""

    eligibility: Eligibility
    fields: dict[tuple[int, ...], Field]


class Screenings:
    """Those of one snapshot."""

    def __init__(self, index: SnapshotIndex, defaults: Defaults) -> None:
        self.index = index
        self._defaults = defaults
        blank = Problem(_NOTHING_ASKED, _NO_LIMITS, index, defaults)
        self._everything = everything(blank)
        self._catalog = self._everything.asked(blank, OF_CATALOG)
        self._kept: dict[_Kind, _Screened] = {}
        self._kept_bytes = 0

    def left_by(self, verdict: Verdict) -> Eligibility:
        """The models that a verdict leaves of all."""
        return self._everything.asked(Problem(_NOTHING_ASKED, verdict, self.index, self._defaults), OF_POLICY)

    def eligible(self, problem: Problem, purpose_rows: tuple[int, ...]) -> tuple[Eligibility, Field]:
        """Asks every filter, as far as the kind of call has not answered it; returns what stands, as a field too."""
        screened = self._of(problem)
        found = screened.eligibility.asked(problem, OF_CALL)
        if found is not screened.eligibility:
            return found, Field(self.index, found.rows, purpose_rows)
        field = screened.fields.get(purpose_rows)
        if field is None:
            self._make_room(_FIELD_BYTES * len(found.rows))
            field = screened.fields[purpose_rows] = Field(self.index, found.rows, purpose_rows)
        return found, field

    def _of(self, problem: Problem) -> _Screened:
        facts, pins = problem.facts, problem.preferences
        kind = _Kind(
            pins.pinned_models,
            pins.pinned_providers,
            facts.remote_uri_count,
            facts.required_capabilities,
            problem.verdict.models,
        )
        screened = self._kept.get(kind)
        if screened is None:
            self._make_room(_KIND_BYTES + _ROW_BYTES * len(self.index.snapshot.models))
            screened = self._kept[kind] = _Screened(self._asked(problem), {})
        return screened

    def _make_room(self, size: int) -> None:
        if self._kept_bytes + size > MOST_KEPT_BYTES:
            self._kept.clear()
            self._kept_bytes = 0
        self._kept_bytes += size

    def _asked(self, problem: Problem) -> Eligibility:
        pins = problem.preferences
        if pins.pinned_models or pins.pinned_providers:
            return self._everything.asked(problem, (*PINS, *OF_CATALOG, *OF_POLICY, *OF_CONTENT))
        return self._catalog.asked(problem, (*OF_POLICY, *OF_CONTENT))
