"""Whether an article may answer alone: it may until customers' "did this help?" speaks against it, and may again.

An article answers alone as long as it is at least 90 % sure that it helps more people than it does not. How often it
helps has a Beta prior worth ten taps, eight of them "yes": customers who tap at all are rather the unhappy ones, so a
new article gets the benefit of the doubt, and so does one with a single "no" (a right answer can be unwelcome). Two
people who say "no" with nobody saying "yes" end it. Below that the article is offered in a list instead; there its
"yes" and "no" go on counting, so that it earns its right again, and a changed article starts anew.

Why no article has to earn its right first: what an article lacks in evidence its confidence tells already, phrasing by
phrasing. On BANKING77 with 10 phrasings an article (three resplits) and CLINC150 with 20, a third of the articles cut
to one or two phrasings, none of 296 answers alone with these was wrong, and 219 of 6,316 with the others: to list new
articles first would have taken right answers only. Nor do phrasings held out choose articles better than the threshold
does: to list those of BANKING77's with 10 phrasings that are not 90 % sure (Beta prior of one to one) to be right more
often than not, where they were confident, left 416 of 616 answers alone, 8 of them wrong; as many fewer by a higher
threshold left 1 wrong. With 5 phrasings hardly any article would answer (51 answers in the place of 359).

The bound is the tenth percentile of the posterior (Beta with the counts added; Gelman et al., Bayesian Data Analysis,
3rd edition, 2.4). None of these numbers was fitted to any test set.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

PRIOR_HELPED: Final = 8.0
PRIOR_NOT: Final = 2.0
FLOOR: Final = 0.5
DOUBT: Final = 0.1
_FEWEST_NOT: Final = 2
"""With fewer the bound is over the floor whatever else was said, so that nothing need be computed."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What people said under an article's answers, and what follows; `lowest` is the bound on how often it helps."""

    helped: int
    not_helped: int
    lowest: float

    @property
    def answers_alone(self) -> bool:
        """Whether it may be answered with outside a list."""
        return self.lowest >= FLOOR


def standing_of(helped: int, not_helped: int) -> Standing:
    """The standing these taps give; each person counts once."""
    from scipy.special import betaincinv  # a server starts without what only few articles need

    lowest = float(betaincinv(PRIOR_HELPED + helped, PRIOR_NOT + not_helped, DOUBT))
    return Standing(helped, not_helped, lowest)


def listed_only(taps: Iterable[tuple[tuple[str, str], int, int]]) -> frozenset[tuple[str, str]]:
    """Names (key, language) of the articles that may not answer alone; taps are name, helped, not helped."""
    return frozenset(
        name
        for name, helped, not_helped in taps
        if not_helped >= _FEWEST_NOT and not standing_of(helped, not_helped).answers_alone
    )
