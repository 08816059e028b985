"""A disk as a log of changes left it: what is durable for certain, and what a power cut may or may not keep.

The rules are POSIX's own, stricter than what journaling file systems do: a file's bytes are durable once it was
synced, a name (made, moved, removed) once its folder was. All else may be there or not at a crash, in any order, and
a write may be torn at any 512 bytes.
"""

import random
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from pathlib import Path

_HEAD = struct.Struct("<iiqQ")
SECTOR = 512


# The kinds of records: the same words in the same order as in shim.c.
Kind = IntEnum("Kind", "OPENED CLOSED WRITTEN CUT SYNCED RENAMED LINKED UNLINKED MADE_FOLDER MARKED")


class Loss(StrEnum):
    """What the cut does to what was not synced."""

    NONE_KEPT = "none kept"
    PREFIX = "prefix"
    SUBSET = "subset"
    REORDERED = "reordered"
    TORN = "torn"


@dataclass(frozen=True, slots=True)
class Record:
    """One change, or a mark."""

    kind: Kind
    descriptor: int
    offset: int
    data: bytes

    @property
    def paths(self) -> list[str]:
        """The path it is about, or the two."""
        return self.data.decode().split("\0")


def read_log(path: Path) -> list[Record]:
    """All records, oldest first."""
    raw, at, found = path.read_bytes(), 0, []
    while at + _HEAD.size <= len(raw):
        kind, descriptor, offset, length = _HEAD.unpack_from(raw, at)
        at += _HEAD.size
        found.append(Record(Kind(kind), descriptor, offset, raw[at : at + length]))
        at += length
    return found


@dataclass(slots=True)
class Pending:
    """A write, or with `data` None a new size, that no sync has made durable."""

    turn: int
    offset: int
    data: bytes | None


@dataclass(slots=True, eq=False)
class File:
    """What is durable of a file, and what came since; a folder has neither."""

    is_folder: bool = False
    durable: bytearray = field(default_factory=bytearray)
    pending: list[Pending] = field(default_factory=list)
    synced: int = 0
    """The turn of the last change that is durable."""

    def sync(self) -> None:
        """All of it is durable now."""
        for change in self.pending:
            _apply(self.durable, change)
            self.synced = change.turn
        self.pending.clear()


@dataclass(frozen=True, slots=True)
class Naming:
    """A name that came (or with `file` None went), not durable yet; `gone` is where a moved file was."""

    turn: int
    path: str
    file: File | None
    gone: str | None = None

    def apply(self, names: dict[str, File]) -> None:
        """Let it be so."""
        if self.gone is not None:
            names.pop(self.gone, None)
        if self.file is None:
            names.pop(self.path, None)
        else:
            names[self.path] = self.file


@dataclass(slots=True)
class Disk:
    """The state after the records given so far."""

    root: str
    live: dict[str, File] = field(default_factory=dict)
    durable: dict[str, File] = field(default_factory=dict)
    namings: list[Naming] = field(default_factory=list)
    open: dict[int, tuple[str, File]] = field(default_factory=dict)
    turn: int = 0

    def apply(self, record: Record) -> None:
        """One more change."""
        self.turn += 1
        match record.kind:
            case Kind.OPENED:
                self._open(record)
            case Kind.CLOSED:
                self.open.pop(record.descriptor, None)
            case Kind.WRITTEN:
                self._change(record, record.data)
            case Kind.CUT:
                self._change(record, None)
            case Kind.SYNCED:
                self._sync(*self.open[record.descriptor])
            case Kind.RENAMED:
                gone, path = record.paths
                self._name(path, self.live[gone], gone)
            case Kind.LINKED:
                self._name(record.paths[1], self.live[record.paths[0]])
            case Kind.UNLINKED:
                self._name(record.paths[0], None)
            case Kind.MADE_FOLDER:
                self._name(record.paths[0], File(is_folder=True))
            case Kind.MARKED:
                pass

    def _open(self, record: Record) -> None:
        path = record.paths[0].rstrip("/")
        if path not in self.live:
            self._name(path, File())
        self.open[record.descriptor] = (path, self.live[path])
        if record.offset:  # opened to be emptied
            self._change(record, None)

    def _change(self, record: Record, data: bytes | None) -> None:
        offset = 0 if record.kind is Kind.OPENED else record.offset
        self.open[record.descriptor][1].pending.append(Pending(self.turn, offset, data))

    def _name(self, path: str, file: File | None, gone: str | None = None) -> None:
        naming = Naming(self.turn, path, file, gone)
        naming.apply(self.live)
        if path != self.root:
            self.namings.append(naming)

    def _sync(self, path: str, file: File) -> None:
        file.sync()
        mine = [naming for naming in self.namings if _folder_of(naming.path) == path]
        for naming in mine:
            naming.apply(self.durable)
        if mine:
            self.namings = [naming for naming in self.namings if naming not in mine]

    def crash(self, chance: random.Random, loss: Loss) -> "Image":
        """What may be found after a power cut now; the same chance finds the same."""
        turn = chance.randint(0, self.turn) if loss is not Loss.PREFIX else self._some_turn(chance)
        share = chance.choice((0.1, 0.5, 0.9))
        names = dict(self.durable)
        for naming in self._kept_namings(chance, loss, turn):
            naming.apply(names)
        whole = {path: file for path, file in names.items() if self._is_reachable(path, names)}
        kept = {path: _kept(file, chance, loss, turn, share) for path, file in sorted(whole.items())}
        return Image({path: (whole[path], changes) for path, changes in kept.items()})

    def _some_turn(self, chance: random.Random) -> int:
        turns = [change.turn for file in set(self.live.values()) for change in file.pending]
        turns += [naming.turn for naming in self.namings]
        return chance.choice([0, *sorted(turns)])

    def _kept_namings(self, chance: random.Random, loss: Loss, turn: int) -> Iterator[Naming]:
        if loss is Loss.NONE_KEPT:
            return
        # A journal keeps the order within a folder; of two folders either may be ahead.
        limits: dict[str, int] = {}
        for naming in self.namings:
            folder = _folder_of(naming.path)
            limit = turn if loss is Loss.PREFIX else limits.setdefault(folder, chance.randint(0, self.turn))
            if naming.turn <= limit:
                yield naming

    def _is_reachable(self, path: str, names: dict[str, File]) -> bool:
        folder = _folder_of(path)
        return folder == self.root or (folder in names and self._is_reachable(folder, names))


def _folder_of(path: str) -> str:
    return path.rpartition("/")[0]  # pathlib would take a third of all the time


def _kept(file: File, chance: random.Random, loss: Loss, turn: int, share: float) -> list[Pending]:
    if loss is Loss.NONE_KEPT:
        return []
    if loss is Loss.PREFIX:
        return [change for change in file.pending if change.turn <= turn]
    kept = [change for change in file.pending if chance.random() < share]
    if loss is Loss.SUBSET:
        return kept
    if loss is Loss.REORDERED:
        chance.shuffle(kept)
        return kept
    return [piece for change in kept for piece in _torn(change, chance)]


def _torn(change: Pending, chance: random.Random) -> Iterator[Pending]:
    """Some of the sectors the write touches; half of the writes stay whole."""
    if change.data is None or chance.random() < 0.5:
        yield change
        return
    end, start = change.offset + len(change.data), change.offset
    while start < end:
        stop = min(end, (start // SECTOR + 1) * SECTOR)
        if chance.random() < 0.5:
            yield Pending(change.turn, start, change.data[start - change.offset : stop - change.offset])
        start = stop


def _apply(content: bytearray, change: Pending) -> None:
    if change.data is None:
        del content[change.offset :]
        content.extend(bytes(change.offset - len(content)))
        return
    if len(content) < change.offset:
        content.extend(bytes(change.offset - len(content)))
    content[change.offset : change.offset + len(change.data)] = change.data


@dataclass(frozen=True, slots=True)
class Image:
    """The files as found after the cut: path to what is durable of it and the changes on top."""

    files: dict[str, tuple[File, list[Pending]]]

    @property
    def signature(self) -> int:
        """The same for two images of one log that are the same."""
        return hash(
            tuple(
                (path, id(file), file.synced, tuple((each.turn, each.offset) for each in kept))
                for path, (file, kept) in self.files.items()
            )
        )

    def write(self, root: str, target: Path) -> None:
        """Lay the files below `target`."""
        for path, (file, kept) in sorted(self.files.items()):  # a folder before what is in it
            place = f"{target}{path.removeprefix(root)}"
            if file.is_folder:
                Path(place).mkdir()
                continue
            with Path(place).open("wb", buffering=0) as out:
                out.write(file.durable)
                for change in kept:
                    if change.data is None:
                        out.truncate(change.offset)
                    else:
                        out.seek(change.offset)
                        out.write(change.data)
