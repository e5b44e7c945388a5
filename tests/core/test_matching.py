import numpy as np

from neuropil_gui.core.matching import column_shares, rank

MIXING = np.array([[3.0, 0.0, -1.0], [1.0, 0.0, 3.0]])


def test_magnitudes_of_a_column_sum_to_one_and_signs_stay():
    np.testing.assert_array_equal(column_shares(MIXING), [[0.75, 0.0, -0.25], [0.25, 0.0, 0.75]])


def test_components_are_ranked_by_the_share_of_the_roi_and_ties_go_to_the_later_column():
    order, scores = rank(np.column_stack((MIXING, MIXING[:, 0])))
    np.testing.assert_array_equal(scores, [0.75, 0.0, 0.25, 0.75])
    np.testing.assert_array_equal(order, [3, 0, 2, 1])
