"""The desk's style sheets are loaded together: a class that two parts of it use is laid out by one rule."""

import re
from collections import defaultdict
from importlib.resources import files

STATIC = files("admin_api") / "desk" / "static"
SHEETS = ("base.css", "desk.css", "pages.css")
LAYOUT = {"display", "gap", "margin", "padding", "position", "width", "grid-template-columns"}
_MEDIA = re.compile(r"@[a-z]+[^{]*\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}")
_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")


def test_no_class_is_laid_out_twice() -> None:
    rules = defaultdict(list)
    for sheet in SHEETS:
        text = re.sub(r"/\*.*?\*/", "", (STATIC / sheet).read_text("utf-8"), flags=re.DOTALL)
        for selectors, body in _RULE.findall(_MEDIA.sub("", text)):
            for selector in map(str.strip, selectors.split(",")):
                if re.fullmatch(r"\.[a-z-]+", selector):
                    for name in LAYOUT & set(re.findall(r"([a-z-]+)\s*:", body)):
                        rules[selector, name].append(sheet)
    assert len(rules) > 100
    assert {rule: where for rule, where in rules.items() if len(where) > 1} == {}
