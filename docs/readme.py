"""The parts of README that are made from the code: `python -m docs.readme` writes them anew, tests compare them.

python -m docs.readme              settings and lifecycle
python -m docs.readme --accuracy   the samples' accuracy as well (trains four knowledge bases)
"""

import re
import sys
from collections.abc import Callable
from pathlib import Path

from pydantic import SecretStr
from pydantic_core import PydanticUndefined

from admin_api.settings import AdminSettings
from bot.settings import BotSettings
from crm_store.lifecycle import TRANSITIONS
from crm_store.settings import Settings, StoreSettings
from knowledge_base.evaluation import Evaluation, evaluate, read_questions
from knowledge_base.samples import load_sample

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "README.md"
SETTINGS: tuple[type[Settings], ...] = (BotSettings, AdminSettings, StoreSettings)
SAMPLES = ("payments_en", "payments_zh", "shop_en", "shop_zh")


def settings_table() -> str:
    """A row for each setting: name, default, what it does."""
    rows = ["| setting | default | what it does |", "| --- | --- | --- |"]
    for kind in SETTINGS:
        for name, field in kind.model_fields.items():
            rows.append(f"| `FRONTDESK_{name.upper()}` | {_shown(field.default)} | {field.description} |")
    return "\n".join(rows)


def _shown(default: object) -> str:
    if default in (None, "", PydanticUndefined) or isinstance(default, SecretStr):
        return ""
    return f"`{default}`"


def lifecycle_diagram() -> str:
    """The table of legal changes as a Mermaid state diagram."""
    lines = ["```mermaid", "stateDiagram-v2", "    [*] --> bot"]
    lines += [f"    {before} --> {after}: {change}" for (before, change), after in TRANSITIONS.items()]
    return "\n".join([*lines, "```"])


def sample_evaluation(name: str) -> Evaluation:
    """How well a sample answers the questions written before and apart from its phrasings."""
    questions = read_questions((ROOT / f"tests/data/samples/{name}.csv").read_bytes())
    return evaluate(load_sample(name), questions.items)


def accuracy_table() -> str:
    """The samples' figures."""
    heads = ("sample", "questions", "first right", "in first three", "answered alone", "of these wrong",
             "solved by answer or list", "out-of-scope AUROC")  # fmt: skip
    rows = [f"| {' | '.join(heads)} |", f"|{' --- |' * len(heads)}"]
    for name in SAMPLES:
        e = sample_evaluation(name)
        shares = (e.accuracy, e.accuracy_at_3, e.answered_in_scope, e.wrong_of_answered, e.solved)
        auroc = f"{e.auroc_out_of_scope:.3f}" if e.auroc_out_of_scope is not None else "-"
        rows.append(
            f"| {name} | {e.questions} | " + " | ".join(f"{share:.1%}" for share in shares) + f" | {auroc} |"
        )
    return "\n".join(rows)


BLOCKS: dict[str, Callable[[], str]] = {"settings": settings_table, "lifecycle": lifecycle_diagram}


def block(text: str, name: str) -> str:
    """What README has between the marks of `name`."""
    found = re.search(rf"<!-- {name} -->\n(.*?)\n?<!-- /{name} -->", text, re.DOTALL)
    if found is None:
        raise ValueError(f"README has no block <!-- {name} -->")
    return found.group(1)


def replaced(text: str, name: str, content: str) -> str:
    """README's text with this block made anew."""
    return text.replace(
        f"<!-- {name} -->\n{block(text, name)}\n<!-- /{name} -->",
        f"<!-- {name} -->\n{content}\n<!-- /{name} -->",
    ).replace(f"<!-- {name} -->\n<!-- /{name} -->", f"<!-- {name} -->\n{content}\n<!-- /{name} -->")


def main(arguments: list[str]) -> None:
    """Write the blocks."""
    blocks = BLOCKS | ({"accuracy": accuracy_table} if "--accuracy" in arguments else {})
    text = README.read_text("utf-8")
    for name, make in blocks.items():
        text = replaced(text, name, make())
    README.write_text(text, "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
