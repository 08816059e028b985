"""Backups cut short, with flipped bits, overwritten, with another's checksum: each must be refused."""

import hashlib
import random
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from benchmarks.backups.busy import NOW
from crm_store.backup import seal_of
from crm_store.errors import StoreUnusable
from crm_store.restore import restore

Damage = Callable[[Path, random.Random], None]


def _cut_short(path: Path, chance: random.Random) -> None:
    with path.open("r+b") as file:
        file.truncate(chance.randrange(path.stat().st_size))


def _flip_a_bit(path: Path, chance: random.Random) -> None:
    with path.open("r+b") as file:
        place = chance.randrange(path.stat().st_size)
        file.seek(place)
        byte = file.read(1)[0]
        file.seek(place)
        file.write(bytes([byte ^ 1 << chance.randrange(8)]))


def _empty_a_page(path: Path, chance: random.Random) -> None:
    pages = path.stat().st_size // 4096
    with path.open("r+b") as file:
        file.seek(4096 * chance.randrange(pages))
        file.write(chance.randbytes(4096))


def _grow(path: Path, chance: random.Random) -> None:
    with path.open("ab") as file:
        file.write(chance.randbytes(chance.randint(1, 4096)))


def _flip_in_checksum(path: Path, chance: random.Random) -> None:
    seal = seal_of(path)
    told = bytearray(seal.read_bytes())
    told[chance.randrange(64)] ^= 1 << chance.randrange(7)
    seal.write_bytes(told)


def _cut_checksum(path: Path, chance: random.Random) -> None:
    seal = seal_of(path)
    seal.write_bytes(seal.read_bytes()[: chance.randrange(64)])


def _lose_checksum(path: Path, chance: random.Random) -> None:
    seal_of(path).unlink()


def _cut_short_and_seal(path: Path, chance: random.Random) -> None:
    _cut_short(path, chance)
    seal_of(path).write_text(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n")


DAMAGES: tuple[Damage, ...] = (
    _cut_short,
    _cut_short,
    _flip_a_bit,
    _flip_a_bit,
    _empty_a_page,
    _grow,
    _flip_in_checksum,
    _cut_checksum,
    _lose_checksum,
    _cut_short_and_seal,
)


async def refused(
    backup: Path, database_url: str, store: Path, count: int, seed: int
) -> tuple[int, Counter[str]]:
    """How many of so many damaged copies were refused with nothing touched, and what stood against the others.

    `store` is the file behind the URL, on which each is tried.
    """
    chance, wrong, clean = random.Random(seed), Counter[str](), 0
    before = _listing(store.parent)
    for turn in range(count):
        folder = backup.parent / "damaged"
        folder.mkdir()
        copy = Path(shutil.copy(backup, folder))
        shutil.copy(seal_of(backup), folder)
        damage = DAMAGES[turn % len(DAMAGES)]
        damage(copy, chance)
        told = await _try(copy, database_url)
        if told is None:
            wrong[f"{damage.__name__}: was not refused"] += 1
        elif not told.startswith(str(copy)) or ";" not in told:
            wrong[f"{damage.__name__}: is not told what to do: {told}"] += 1
        elif _listing(store.parent) != before:
            wrong[f"{damage.__name__}: something was touched"] += 1
        else:
            clean += 1
        shutil.rmtree(folder)
    return clean, wrong


async def _try(copy: Path, database_url: str) -> str | None:
    try:
        await restore(copy, database_url, now=NOW)
    except StoreUnusable as error:
        return str(error)
    return None


def _listing(folder: Path) -> dict[str, tuple[int, int, int]]:
    found = {path.name: path.stat() for path in folder.iterdir() if path.suffix != ".lock"}
    return {name: (told.st_size, told.st_mtime_ns, told.st_ino) for name, told in found.items()}
