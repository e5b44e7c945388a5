"""The picture of the page Field as it is drawn."""

import numpy as np
import pytest
from PyQt5.QtGui import QImage

from neuropil_gui.features.field.picture import FieldPicture


@pytest.mark.parametrize(
    ("unknown", "made"), [(False, QImage.Format_RGB32), (True, QImage.Format_ARGB32_Premultiplied)]
)
def test_a_picture_is_in_a_format_that_is_drawn_fast_and_unknown_pixels_are_clear(qtbot, unknown, made):
    view = FieldPicture()
    qtbot.addWidget(view)
    picture = np.arange(12, dtype=np.float32).reshape(3, 4)
    if unknown:
        picture[1, 2] = np.nan
    view.show_picture(picture, (0.0, 11.0))
    view.image.render()
    drawn = view.image.qimage
    assert drawn.format() == made
    assert drawn.pixelColor(0, 0).getRgb() == (0, 0, 0, 255)
    assert drawn.pixelColor(3, 2).getRgb() == (255, 255, 255, 255)
    assert drawn.pixelColor(2, 1).alpha() == (0 if unknown else 255)
