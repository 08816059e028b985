"""The knowledge bases that come with the project, for a first run and as an example to write from."""

from importlib.resources import files
from typing import Final

from knowledge_base.articles import Article
from knowledge_base.exchange import parse

SAMPLES: Final = ("payments_en", "payments_zh", "shop_en", "shop_zh")


def load_sample(name: str) -> tuple[Article, ...]:
    """The articles of one of SAMPLES. Raises KeyError for another name."""
    if name not in SAMPLES:
        raise KeyError(f"There is no sample {name!r}: choose one of {', '.join(SAMPLES)}.")
    parsed = parse(files("knowledge_base").joinpath("samples", f"{name}.yaml").read_bytes(), ".yaml")
    if parsed.problems:
        raise ValueError(f"Sample {name} is damaged: {parsed.problems[0].text}")
    return parsed.articles
