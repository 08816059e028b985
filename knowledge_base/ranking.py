"""The best of many values, and their shares."""

import numpy as np

from knowledge_base.features import FloatArray


def best_first(values: FloatArray, count: int) -> list[int]:
    """Positions of the `count` largest values, largest first; equal values in order of position."""
    if len(values) > 4 * count:
        top = np.sort(np.argpartition(-values, count)[:count])
        return list(top[np.argsort(-values[top], kind="stable")].tolist())
    return list(np.argsort(-values, kind="stable")[:count].tolist())


def best_of_each(values: FloatArray, count: int) -> list[list[int]]:
    """`best_first` of each row of finite values."""
    if values.shape[1] <= 4 * count:
        ordered: list[list[int]] = np.argsort(-values, axis=1, kind="stable")[:, :count].tolist()
        return ordered
    # For a few of them sooner than sorting; one row sooner than a matrix of one.
    if len(values) == 1:
        return [_largest(values[0].copy(), count)]
    left, row, found = values.copy(), np.arange(len(values)), []
    for _ in range(count):
        best = left.argmax(axis=1)
        left[row, best] = -np.inf
        found.append(best.tolist())
    return list(map(list, zip(*found, strict=True)))


def _largest(left: FloatArray, count: int) -> list[int]:
    """`best_first`; writes over what it takes."""
    found = []
    for _ in range(count):
        found.append(int(left.argmax()))
        left[found[-1]] = -np.inf
    return found


def log_softmax(values: FloatArray) -> FloatArray:
    """Logarithms of the rows' softmax."""
    shifted = values - np.maximum.reduce(values, axis=1, keepdims=True)
    shifted -= np.log(np.add.reduce(np.exp(shifted), axis=1, keepdims=True))
    return shifted
