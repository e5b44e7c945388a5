"""Signal names as plots write them."""

import pytest

from neuropil_gui.ui.plots.signal_names import full_name, short_name


@pytest.mark.parametrize(
    ("name", "full"),
    [("np 1", "neuropil 1"), ("np 12", "neuropil 12"), ("ROI", "ROI"), ("np", "np"), ("np left", "np left")],
)
def test_only_the_default_names_of_regions_are_written_out(name, full):
    assert full_name(name) == full


def test_a_long_name_is_cut_off_beside_the_tiles():
    assert short_name("dendrite 12b") == "dendrite 12b"
    assert short_name("dendrite 12b left") == "dendrite 12…"
