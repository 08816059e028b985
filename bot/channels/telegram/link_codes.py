"""What a code looks like that links a member of staff's account. Pure."""

import re

_CODE = re.compile(r"(?:[A-Z2-7][- ]?){25}[A-Z2-7]", re.IGNORECASE)


def is_code(words: str) -> bool:
    """130 bits in base32, as `staff link` shows them, in one piece or in groups.

    The groups are of one length: otherwise every question of 26 letters would be looked up as a code.
    """
    if not _CODE.fullmatch(words):
        return False
    *groups, last = re.split("[- ]", words)
    return not groups or (
        {len(group) for group in groups} == {len(groups[0])} and len(last) <= len(groups[0])
    )
