"""Compares a provider's account with the usage entries, and raises the alarm where they differ too much."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC

import structlog
from pointsman.v1 import budget_service_pb2 as pb

from pointsman_server.catalog.catalog import Catalog
from pointsman_server.catalog.snapshot import Snapshot
from pointsman_server.errors import NotFound
from pointsman_server.ledger.comparison import (
    DEFAULT_TOLERANCE_PPM,
    Billed,
    Booked,
    Bookings,
    Comparison,
    Figure,
    compare,
)
from pointsman_server.ledger.meters import MAX_AMOUNT

FIGURES: Mapping[Figure, pb.UsageFigure.ValueType] = {
    Figure.INPUT_TOKENS: pb.USAGE_FIGURE_INPUT_TOKENS,
    Figure.CACHE_READ_TOKENS: pb.USAGE_FIGURE_CACHE_READ_TOKENS,
    Figure.OUTPUT_TOKENS: pb.USAGE_FIGURE_OUTPUT_TOKENS,
    Figure.COST_NANOS: pb.USAGE_FIGURE_COST_NANOS,
}

_DATE = re.compile(r"[-@](\d{8}|\d{4}-\d{2}-\d{2})$")
"""Accounts name the dated version of a model that was asked for by its lasting name."""

_log = structlog.get_logger(__name__)


class AccountComparison:
    """Answers ``CompareUsage``."""

    def __init__(self, bookings: Bookings, catalog: Catalog) -> None:
        self._bookings = bookings
        self._catalog = catalog

    async def answer(self, request: pb.CompareUsageRequest) -> pb.CompareUsageResponse:
        """Compares a sound request's rows with what was booked.

        Raises:
            NotFound: there is no such provider, and nothing was booked at one.
        """
        start, end = request.start_time.ToDatetime(UTC), request.end_time.ToDatetime(UTC)
        booked = await self._bookings.by_model(request.provider_id, start, end)
        snapshot = self._catalog.snapshot
        if not booked and request.provider_id not in snapshot.providers:
            raise NotFound(
                "There is no such provider; ListProviders lists what there is.", metadata={"resource": "provider"}
            )
        tolerance_ppm = request.tolerance_ppm if request.HasField("tolerance_ppm") else DEFAULT_TOLERANCE_PPM
        billed = (_billed(row, _meant(snapshot, request.provider_id, row.model, booked)) for row in request.rows)
        compared = compare(billed, booked, tolerance_ppm)
        _tell(request.provider_id, compared)
        return pb.CompareUsageResponse(
            rows=map(_message, compared),
            alert_count=sum(each.alert for each in compared),
            estimated_attempts=sum(each.estimated_attempts for each in booked),
            unpriced_attempts=sum(each.unpriced_attempts for each in booked),
        )


def _meant(snapshot: Snapshot, provider_id: str, name: str, booked: Iterable[Booked]) -> frozenset[str]:
    """The provider's models of that name, those that are booked but not in the catalog any more with them."""
    if not name:
        return frozenset()
    for each in dict.fromkeys((name, _DATE.sub("", name))):
        models = (snapshot.models[index] for index in snapshot.resolve(each))
        ids = {model.id for model in models if model.provider_id == provider_id}
        ids |= {one.model_id for one in booked} & {each, f"{provider_id}/{each}"}
        if ids:
            return frozenset(ids)
    return frozenset()


def _billed(row: pb.BilledUsage, model_ids: frozenset[str]) -> Billed:
    stated = {figure: getattr(row, figure.value) for figure in Figure if row.HasField(figure.value)}
    return Billed(row.model, model_ids, stated)


def _tell(provider_id: str, compared: Iterable[Comparison]) -> None:
    for each in compared:
        if each.alert:
            _log.error(
                "provider_account_differs",
                provider=provider_id,
                models=sorted(each.model_ids),
                figure=each.figure.value,
                billed=each.billed,
                booked=each.booked,
            )


def _message(comparison: Comparison) -> pb.UsageComparison:
    return pb.UsageComparison(
        model=comparison.model,
        model_ids=sorted(comparison.model_ids),
        figure=FIGURES[comparison.figure],
        billed=min(comparison.billed, MAX_AMOUNT),
        booked=min(comparison.booked, MAX_AMOUNT),
        alert=comparison.alert,
    )
