"""The curves of an evaluation, and their picture."""

import xml.etree.ElementTree as ET

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge_base.curves import BINS, curves_of
from knowledge_base.evaluation import calibration_error
from knowledge_base.plotting import draw

OUTCOMES = st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=60)


@given(OUTCOMES)
def test_bins_hold_every_question_and_give_the_calibration_error(pairs: list[tuple[float, bool]]) -> None:
    confidence, right = np.array([c for c, _ in pairs]), np.array([r for _, r in pairs])

    bins = curves_of(confidence, right).reliability

    assert sum(each.count for each in bins) == len(pairs)
    assert len(bins) == min(BINS, len(pairs))
    assert all(each.low <= each.right <= each.high or each.right in (0, 1) for each in bins)
    error = sum(abs(each.confidence - each.right) * each.count for each in bins) / len(pairs)
    assert error == pytest.approx(calibration_error(confidence, right))


@given(OUTCOMES)
def test_each_point_is_what_its_threshold_does(pairs: list[tuple[float, bool]]) -> None:
    confidence, right = np.array([c for c, _ in pairs]), np.array([r for _, r in pairs])

    for point in curves_of(confidence, right).risk:
        answered = confidence >= point.confidence
        assert point.answered == pytest.approx(answered.mean())
        assert point.wrong == pytest.approx((~right[answered]).mean())


def test_a_picture_has_points_enough_and_no_more() -> None:
    generator = np.random.default_rng(0)
    confidence = generator.random(5_000)

    risk = curves_of(confidence, generator.random(5_000) < confidence).risk

    assert len(risk) == 200
    assert risk[-1].answered == 1


def test_the_picture_is_sound_xml_within_its_frame() -> None:
    curves = curves_of(np.array([0.2, 0.9, 0.95]), np.array([False, True, True]))

    picture = ET.fromstring(draw(curves, 0.02))

    _, _, width, height = map(float, picture.attrib["viewBox"].split())
    lines = picture.findall("{http://www.w3.org/2000/svg}polyline")
    assert len(lines) == 2
    for line in lines:
        points = [tuple(map(float, pair.split(","))) for pair in line.attrib["points"].split()]
        assert len(points) == 3
        assert all(0 <= x <= width and 0 <= y <= height for x, y in points)


def test_a_question_of_weight_three_is_as_three_questions() -> None:
    confidence, right = np.array([0.2, 0.5, 0.9]), np.array([False, True, True])
    weights = np.array([1.0, 3.0, 2.0])
    repeated = np.repeat(np.arange(3), weights.astype(int))

    weighted = curves_of(confidence, right, weights).risk

    assert weighted == curves_of(confidence[repeated], right[repeated]).risk


def test_no_question_gives_no_curve() -> None:
    assert curves_of(np.zeros(0), np.zeros(0, bool)).risk == ()
