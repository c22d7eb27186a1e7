"""CatalogService: reads providers and models."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from typing import ClassVar

import numpy as np
from google.protobuf.descriptor import ServiceDescriptor
from pointsman.v1 import catalog_service_pb2 as pb

from pointsman_server.catalog.catalog import Catalog
from pointsman_server.catalog.model import Model
from pointsman_server.catalog.snapshot import Snapshot
from pointsman_server.clock import Clock
from pointsman_server.errors import NotFound
from pointsman_server.services import convert, paging, validate
from pointsman_server.services.call import Call


class CatalogService:
    """Answers from the current snapshot; an answer never mixes two."""

    descriptor: ClassVar[ServiceDescriptor] = pb.DESCRIPTOR.services_by_name["CatalogService"]

    def __init__(self, catalog: Catalog, *, clock: Clock) -> None:
        self._catalog = catalog
        self._clock = clock

    async def get_provider(self, request: pb.GetProviderRequest, _call: Call) -> pb.GetProviderResponse:
        """One provider.

        Raises:
            NotFound: there is none with this id.
        """
        validate.get_provider(request)
        snapshot = self._catalog.snapshot
        if request.provider_id not in snapshot.providers:
            raise _not_found("provider", "ListProviders")
        (provider,) = convert.providers(snapshot, [request.provider_id])
        return pb.GetProviderResponse(provider=provider)

    async def list_providers(self, request: pb.ListProvidersRequest, _call: Call) -> pb.ListProvidersResponse:
        """Providers, ordered by id."""
        validate.list_providers(request)
        snapshot = self._catalog.snapshot
        ids = [i for i in snapshot.provider_ids if request.state in {0, snapshot.statuses[i].state}]
        start = bisect_right(ids, paging.last_id(request))
        page = ids[start : start + paging.page_size(request)]
        more = start + len(page) < len(ids)
        return pb.ListProvidersResponse(
            providers=convert.providers(snapshot, page),
            next_page_token=paging.token(request, page[-1]) if more else "",
            total_size=len(ids),
        )

    async def get_model(self, request: pb.GetModelRequest, _call: Call) -> pb.GetModelResponse:
        """One model. Where a name means several rows, the first that can be called now, else the first by id.

        Raises:
            NotFound: no row has this name.
        """
        validate.get_model(request)
        snapshot = self._catalog.snapshot
        indices = snapshot.resolve(request.model_id)
        if not indices:
            raise _not_found("model", "ListModels")
        available = snapshot.columns.active & snapshot.columns.routable
        index = next((i for i in indices if available[i]), indices[0])
        return pb.GetModelResponse(model=convert.model(snapshot, index, self._clock.now()))

    async def list_models(self, request: pb.ListModelsRequest, _call: Call) -> pb.ListModelsResponse:
        """Models, ordered by id."""
        validate.list_models(request)
        snapshot = self._catalog.snapshot
        matching = _matching(snapshot, request)
        last = paging.last_id(request)
        start = bisect_right(matching, last, key=lambda index: snapshot.models[index].id)
        page = matching[start : start + paging.page_size(request)]
        more = start + len(page) < len(matching)
        now = self._clock.now()
        return pb.ListModelsResponse(
            models=(convert.model(snapshot, index, now) for index in page),
            next_page_token=paging.token(request, snapshot.models[page[-1]].id) if more else "",
            total_size=len(matching),
        )


def _matching(snapshot: Snapshot, request: pb.ListModelsRequest) -> list[int]:
    """The indices of the rows that pass: columns first, since they are fast, then what only rows hold."""
    columns = snapshot.columns
    mask = np.ones(len(snapshot.models), dtype=np.bool_)
    if request.provider_id:
        if request.provider_id not in snapshot.providers:
            return []
        mask &= columns.provider_index == snapshot.provider_ids.index(request.provider_id)
    if request.capabilities:
        bits = np.uint32(sum(1 << capability for capability in request.capabilities))
        mask &= (columns.capability_bits & bits) == bits
    if request.HasField("available"):
        mask &= (columns.active & columns.routable) == request.available
    indices: list[int] = np.flatnonzero(mask).tolist()
    checks = _row_checks(request)
    return [i for i in indices if all(check(snapshot.models[i]) for check in checks)] if checks else indices


def _row_checks(request: pb.ListModelsRequest) -> list[Callable[[Model], bool]]:
    checks: list[Callable[[Model], bool]] = []
    if request.cost_tier:
        checks.append(lambda row: row.cost_tier == request.cost_tier)
    if request.type:
        checks.append(lambda row: row.type == request.type)
    if request.model_class:
        checks.append(lambda row: row.model_class == request.model_class)
    if request.family:
        checks.append(lambda row: row.family == request.family)
    if request.query:
        query = request.query.casefold()
        checks.append(lambda row: any(query in name.casefold() for name in (row.id, row.display_name, *row.aliases)))
    return checks


def _not_found(resource: str, method: str) -> NotFound:
    message = f"there is no {resource} of this name; {method} lists what there is"
    return NotFound(message, metadata={"resource": resource})
