"""Sparse products: SciPy's loops and NumPy's way say the same as a dense product."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import random_array

from knowledge_base import kernels


@pytest.mark.parametrize("compiled", [True, False])
@given(rows=st.integers(1, 9), first=st.integers(0, 8), seed=st.integers(0, 99), wide=st.booleans())
def test_products_equal_dense_ones(compiled: bool, rows: int, first: int, seed: int, wide: bool) -> None:
    draw = np.random.default_rng(seed)
    sparse = random_array((rows, 12), density=0.3, format="csr", dtype=np.float32, rng=draw)
    kind = np.int64 if wide else np.int32
    indptr, ids = sparse.indptr.astype(kind), sparse.indices.astype(kind)
    first = min(first, rows - 1)
    part, expected = indptr[first:], sparse.toarray()[first:]
    vector, matrix = draw.random(12, np.float32), draw.random((12, 5), np.float32)

    with pytest.MonkeyPatch.context() as patched:
        if not compiled:
            patched.setattr(kernels, "_loops", None)
        by_vector = kernels.rows_by_vector(part, ids, sparse.data, vector)
        by_matrix = kernels.rows_by_matrix(part, ids, sparse.data, matrix)

    np.testing.assert_allclose(by_vector, expected @ vector, atol=1e-5)
    np.testing.assert_allclose(by_matrix, expected @ matrix, atol=1e-5)


def test_the_compiled_loops_are_found_where_scipy_is_installed() -> None:
    assert kernels._loops is not None
