"""A built index as bytes, so that a process starts without training.

A ZIP of NumPy arrays and one JSON text, never pickle: reading it runs no code of the file's.
"""

import dataclasses
import io
import json
import zipfile
from typing import Any, Final

import numpy as np

from knowledge_base.blocks import blocks_for
from knowledge_base.calibration import Calibration, Promise
from knowledge_base.curves import Bin, Curves, Point
from knowledge_base.features import FeatureSpace, FittedBlock
from knowledge_base.index import KnowledgeIndex
from knowledge_base.semantic import SemanticMissing
from knowledge_base.shared_words import SharedWords, shared_words, words_with_meanings
from knowledge_base.shelf import PhrasingRows, Shelf
from knowledge_base.text import Script
from knowledge_base.traffic import Profile
from knowledge_base.training import LinearModel

# Raise it whenever text analysis, BLOCKS or the layout below change: an older model would misread questions.
FORMAT: Final = 11
_HEADER: Final = "index"


class UnusableModel(ValueError):
    """The bytes are no stored index, or one of another version: build the index anew."""


def dump(index: KnowledgeIndex) -> bytes:
    """The index as bytes that `load` reads back."""
    arrays: dict[str, Any] = {}
    shelves = {script: _shelf_out(script, shelf, arrays) for script, shelf in index.shelves.items()}
    contents = {"format": FORMAT, "learned": sorted(index.learned), "shelves": shelves}
    header = json.dumps(contents, ensure_ascii=False).encode()
    arrays[_HEADER] = np.frombuffer(header, np.uint8)
    out = io.BytesIO()
    np.savez(out, allow_pickle=False, **arrays)
    return out.getvalue()


def load(data: bytes) -> KnowledgeIndex:
    """The index that `dump` stored, ready to answer its first question. Raises UnusableModel."""
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            header = json.loads(arrays[_HEADER].tobytes())
            if header["format"] != FORMAT:
                raise UnusableModel(
                    f"The stored model has format {header['format']}, not {FORMAT}: build anew."
                )
            learned = frozenset(header["learned"])
            shelves = {
                script: _shelf_in(script, shelf, arrays) for script, shelf in header["shelves"].items()
            }
    except (OSError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
        raise UnusableModel(f"These bytes are no stored model ({error}): build the index anew.") from error
    except ValueError as error:
        if isinstance(error, UnusableModel):
            raise
        raise UnusableModel(f"These bytes are no stored model ({error}): build the index anew.") from error
    for shelf in shelves.values():
        shelf.warm()
    return KnowledgeIndex(shelves, learned)


def _shelf_out(script: Script, shelf: Shelf, arrays: dict[str, Any]) -> dict[str, Any]:
    rows = shelf.rows
    arrays[f"{script}.weights"], arrays[f"{script}.bias"] = shelf.model.weights, shelf.model.bias
    for name in ("starts", "indptr", "ids"):
        arrays[f"{script}.rows.{name}"] = getattr(rows, name)
    arrays[f"{script}.rows.weights"] = rows.weights
    for fitted in shelf.space.blocks:
        arrays[f"{script}.idf.{fitted.block.name}"] = fitted.idf
    return {
        "keys": shelf.keys,
        "language": shelf.space.language,
        "others": shelf.space.others,
        "text_count": shelf.space.text_count,
        "shared_words": _names_of(shelf.space.shared),
        "vocabularies": {fitted.block.name: _terms(fitted) for fitted in shelf.space.blocks},
        "texts": rows.texts,
        "languages": rows.languages,
        "size": rows.size,
        "share": rows.share,
        "exact": shelf.exact,
        "sharpness": shelf.sharpness,
        "learned_from_log": shelf.learned_from_log,
        "calibration": dataclasses.asdict(shelf.calibration),
        "cautious": None if shelf.cautious is None else dataclasses.asdict(shelf.cautious),
    }


def _shelf_in(script: Script, stored: dict[str, Any], arrays: Any) -> Shelf:
    rows = PhrasingRows(
        texts=tuple(stored["texts"]),
        languages=tuple(stored["languages"]),
        starts=arrays[f"{script}.rows.starts"],
        indptr=arrays[f"{script}.rows.indptr"],
        ids=arrays[f"{script}.rows.ids"],
        weights=arrays[f"{script}.rows.weights"],
        size=stored["size"],
        share=stored["share"],
    )
    return Shelf(
        keys=tuple(stored["keys"]),
        space=_space_in(script, stored, arrays),
        model=LinearModel(arrays[f"{script}.weights"], arrays[f"{script}.bias"]),
        rows=rows,
        exact={stems: tuple(articles) for stems, articles in stored["exact"].items()},
        sharpness=stored["sharpness"],
        learned_from_log=stored["learned_from_log"],
        calibration=_calibration_in(stored["calibration"]),
        cautious=None if stored["cautious"] is None else _calibration_in(stored["cautious"]),
    )


def _calibration_in(stored: dict[str, Any]) -> Calibration:
    curves = stored["curves"]
    return Calibration(
        first=tuple(stored["first"]),
        listed=tuple(stored["listed"]),
        answer_at=stored["answer_at"],
        suggest_at=stored["suggest_at"],
        promise=Promise(**stored["promise"]),
        profile=Profile(**{name: tuple(values) for name, values in stored["profile"].items()}),
        curves=Curves(
            tuple(Bin(**each) for each in curves["reliability"]),
            tuple(Point(**each) for each in curves["risk"]),
        ),
    )


def _space_in(script: Script, stored: dict[str, Any], arrays: Any) -> FeatureSpace:
    blocks, offset = [], 0
    shared = _shared_in(stored["shared_words"])
    for block in blocks_for(script, shared.block if shared is not None else None):
        terms = stored["vocabularies"].get(block.name)
        if terms is not None:
            vocabulary = {term: index for index, term in enumerate(terms)}
            blocks.append(FittedBlock(block, vocabulary, arrays[f"{script}.idf.{block.name}"], offset))
            offset += len(terms)
    others = tuple(stored["others"])
    return FeatureSpace(script, stored["language"], tuple(blocks), stored["text_count"], shared, others)


def _names_of(shared: SharedWords | None) -> list[str] | None:
    """Of the table, and of the word vectors if there are any."""
    return None if shared is None else [shared.name, *([shared.vectors.name] if shared.vectors else [])]


def _shared_in(names: list[str] | None) -> SharedWords | None:
    if names is None:
        return None
    try:
        shared = shared_words() if len(names) == 1 else words_with_meanings()
    except SemanticMissing as error:
        raise UnusableModel(f"{error} The stored model has them: build anew.") from error
    if _names_of(shared) != names:
        raise UnusableModel("The stored model knows other shared words: build anew.")
    return shared


def _terms(fitted: FittedBlock) -> list[str]:
    return sorted(fitted.vocabulary, key=fitted.vocabulary.__getitem__)
