"""Products of sparse rows with dense arrays, by SciPy's compiled loops without the rest of SciPy.

Answering takes two of its loops. `import scipy.sparse` would cost a third of a second and 20 MB, and its matrices
25 µs of checks a product, twice what all of a question's products take; the library file alone loads in a
millisecond. Where it is laid out otherwise, NumPy does the same, three times slower.
"""

from importlib.machinery import EXTENSION_SUFFIXES
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]


def rows_by_vector(
    indptr: NDArray[Any], ids: NDArray[Any], weights: FloatArray, dense: FloatArray
) -> FloatArray:
    """Each row's product with the dense vector; row n is `ids[indptr[n]:indptr[n + 1]]` with its weights.

    `indptr` may be a part of the whole; it and `ids` are of one type.
    """
    found = np.zeros(len(indptr) - 1, np.float32)
    if _loops is not None:
        _loops.csr_matvec(len(found), len(dense), indptr, ids, weights, dense, found)
        return found
    low, high = int(indptr[0]), int(indptr[-1])
    return _sums(dense.take(ids[low:high]) * weights[low:high], indptr, found)


def rows_by_matrix(
    indptr: NDArray[Any], ids: NDArray[Any], weights: FloatArray, dense: FloatArray
) -> FloatArray:
    """Each row's product with the dense matrix, rows × the matrix's columns."""
    found = np.zeros((len(indptr) - 1, dense.shape[1]), np.float32)
    if _loops is not None:
        flat = dense.reshape(-1)  # its rows, one behind the other
        _loops.csr_matvecs(*found.shape[:1], *dense.shape, indptr, ids, weights, flat, found.reshape(-1))
        return found
    low, high = int(indptr[0]), int(indptr[-1])
    return _sums(dense.take(ids[low:high], axis=0) * weights[low:high, None], indptr, found)


def _sums(products: FloatArray, indptr: NDArray[Any], found: FloatArray) -> FloatArray:
    """The products of each row added up, in the place of its zero."""
    filled = np.flatnonzero(np.diff(indptr))
    if len(filled):
        found[filled] = np.add.reduceat(products, indptr[filled] - indptr[0])
    return found


def _load() -> ModuleType | None:
    spec = find_spec("scipy")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        for suffix in EXTENSION_SUFFIXES:
            library = spec_from_file_location(
                "_sparsetools", Path(folder) / "sparse" / f"_sparsetools{suffix}"
            )
            if library is not None and library.loader is not None and Path(library.origin or "").exists():
                loaded = module_from_spec(library)
                library.loader.exec_module(loaded)
                return loaded if hasattr(loaded, "csr_matvec") and hasattr(loaded, "csr_matvecs") else None
    return None


_loops = _load()
