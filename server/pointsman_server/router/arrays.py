"""Names for the arrays that the routing computes with."""

import numpy as np
from numpy.typing import NDArray

BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]
HashArray = NDArray[np.uint64]

Rows = NDArray[np.intp]
"""Indices into ``Snapshot.models``, rising."""

Positions = NDArray[np.intp]
"""Indices into an array of eligible rows."""
