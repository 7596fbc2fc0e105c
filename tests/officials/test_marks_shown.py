"""A mark or a share on a page is rounded down: what is shown to reach the pass mark or the target has reached it."""

import pytest
from django.utils import translation

from training.officials.templatetags.hr import percent
from training.templatetags.site import hundredths_as_points


@pytest.mark.parametrize(
    ("hundredths", "vietnamese", "english"),
    [(10_000, "10,0", "10.0"), (8000, "8,0", "8.0"), (7999, "7,9", "7.9"), (1875, "1,8", "1.8"), (0, "0,0", "0.0")],
)
def test_points_of_ten_do_not_reach_the_pass_mark_before_the_official_does(hundredths, vietnamese, english):
    with translation.override("vi"):
        assert hundredths_as_points(hundredths) == vietnamese
    with translation.override("en"):
        assert hundredths_as_points(hundredths) == english


@pytest.mark.parametrize(
    ("share", "shown"),
    [(1, "100%"), (0.9999, "99,9%"), (0.7997, "79,9%"), (0.8, "80,0%"), (0.57, "57,0%"), (0.29, "29,0%"), (0, "0%")],
)
def test_a_share_does_not_reach_the_target_before_the_unit_does(share, shown):
    with translation.override("vi"):
        assert percent(share) == shown
