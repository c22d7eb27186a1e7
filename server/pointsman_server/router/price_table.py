"""The price lists of a whole snapshot as columns: the arithmetic of ``ledger.money``, for many models at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pointsman_server.catalog.model import Model, Prices
from pointsman_server.catalog.snapshot import UNKNOWN
from pointsman_server.ledger.money import TOKENS_PER_PRICE, Band, bands, expected_nanos, worst_case_nanos
from pointsman_server.router.arrays import IntArray, Rows

_NO_BAND = -1
_OPEN_END = np.iinfo(np.int64).max
_FEW = 4
"""So many rows are sooner priced one by one: arrays have a cost of their own, however short they are."""


@dataclass(frozen=True, slots=True)
class _Price:
    """Nano-dollars per million tokens, split so that a product with a count of tokens stays within 64 bits."""

    per_token: IntArray
    remainder: IntArray


@dataclass(frozen=True, slots=True)
class _Layer:
    """The first, second, … band of every model that has so many. ``slot`` leads from a row to its element."""

    slot: NDArray[np.int32]
    above: IntArray
    up_to: IntArray
    input: _Price
    output: _Price
    dearest_input: _Price
    dearest_output: _Price


@dataclass(frozen=True, slots=True)
class PriceTable:
    """Costs of rows in nano-dollars, ``UNKNOWN`` where no price is known; exact up to 10⁹ tokens."""

    models: Sequence[Model]
    request_nanos: IntArray
    layers: tuple[_Layer, ...]

    def expected(self, rows: Rows, input_tokens: IntArray, output_tokens: IntArray) -> IntArray:
        """``money.expected_nanos`` of each row at its own lengths."""
        if len(rows) <= _FEW:
            return self._one_by_one(expected_nanos, rows, input_tokens, output_tokens)
        costs = np.full(len(rows), UNKNOWN, dtype=np.int64)
        for layer in self.layers:
            at, slots = _present(layer, rows)
            reached = input_tokens[at] > layer.above[slots]
            at, slots = at[reached], slots[reached]
            costs[at] = _cost(layer.input, layer.output, slots, input_tokens[at], output_tokens[at])
        return self._with_fee(rows, costs)

    def worst_case(self, rows: Rows, input_tokens_bound: IntArray, max_output_tokens: IntArray) -> IntArray:
        """``money.worst_case_nanos`` of each row at its own bounds."""
        if len(rows) <= _FEW:
            return self._one_by_one(worst_case_nanos, rows, input_tokens_bound, max_output_tokens)
        costs = np.full(len(rows), UNKNOWN, dtype=np.int64)
        for layer in self.layers:
            at, slots = _present(layer, rows)
            reached = input_tokens_bound[at] > layer.above[slots]
            at, slots = at[reached], slots[reached]
            longest = np.minimum(input_tokens_bound[at], layer.up_to[slots])
            cost = _cost(layer.dearest_input, layer.dearest_output, slots, longest, max_output_tokens[at])
            costs[at] = np.maximum(costs[at], cost)
        return self._with_fee(rows, costs)

    def _one_by_one(
        self, cost: Callable[[Prices, int, int], int], rows: Rows, input_tokens: IntArray, output_tokens: IntArray
    ) -> IntArray:
        lengths = zip(rows.tolist(), input_tokens.tolist(), output_tokens.tolist(), strict=True)
        prices = ((self.models[row].prices, inputs, outputs) for row, inputs, outputs in lengths)
        costs = [UNKNOWN if each is None else cost(each, inputs, outputs) for each, inputs, outputs in prices]
        return np.array(costs, dtype=np.int64)

    def _with_fee(self, rows: Rows, costs: IntArray) -> IntArray:
        return np.where(costs == UNKNOWN, UNKNOWN, costs + self.request_nanos[rows])


def price_table(models: Sequence[Model]) -> PriceTable:
    """Lays out the price lists of the models."""
    lists = [() if model.prices is None else bands(model.prices) for model in models]
    depth = max(map(len, lists), default=0)
    fees = (0 if model.prices is None else model.prices.request_nanos for model in models)
    return PriceTable(models, np.fromiter(fees, np.int64), tuple(_layer(lists, level) for level in range(depth)))


def _layer(lists: Sequence[Sequence[Band]], level: int) -> _Layer:
    rows = np.fromiter((row for row, found in enumerate(lists) if len(found) > level), np.intp)
    here = [lists[row][level] for row in rows]
    slot = np.full(len(lists), _NO_BAND, dtype=np.int32)
    slot[rows] = np.arange(len(rows), dtype=np.int32)
    ends = (_OPEN_END if band.up_to_input_tokens is None else band.up_to_input_tokens for band in here)
    return _Layer(
        slot=slot,
        above=np.fromiter((band.above_input_tokens for band in here), np.int64),
        up_to=np.fromiter(ends, np.int64),
        input=_price([band.rates.input_nanos for band in here]),
        output=_price([band.rates.output_nanos for band in here]),
        dearest_input=_price([band.rates.dearest_input_nanos for band in here]),
        dearest_output=_price([band.rates.dearest_output_nanos for band in here]),
    )


def _price(nanos_per_million: list[int]) -> _Price:
    per_token, remainder = np.divmod(np.array(nanos_per_million, dtype=np.int64), TOKENS_PER_PRICE)
    return _Price(per_token, remainder)


def _present(layer: _Layer, rows: Rows) -> tuple[NDArray[np.intp], NDArray[np.int32]]:
    slots = layer.slot[rows]
    at = np.flatnonzero(slots != _NO_BAND)
    return at, slots[at]


def _cost(
    input_price: _Price, output_price: _Price, slots: NDArray[np.int32], inputs: IntArray, outputs: IntArray
) -> IntArray:
    """The two products summed and rounded up once: whole nano-dollars apart from the millionths of them."""
    whole = inputs * input_price.per_token[slots] + outputs * output_price.per_token[slots]
    millionths = inputs * input_price.remainder[slots] + outputs * output_price.remainder[slots]
    cost: IntArray = whole - (-millionths // TOKENS_PER_PRICE)
    return cost
