"""The frame rate as it is typed."""

import pytest

from neuropil_gui.ui.widgets.frame_rate_box import FrameRateBox, read_frame_rate


@pytest.mark.parametrize(
    ("text", "rate"), [("", None), ("30", 30.0), ("7,5", 7.5), ("1e-6", 1e-6), ("10 Hz", 10.0), ("7.5hz", 7.5)]
)
def test_what_is_typed_is_read(text, rate):
    assert read_frame_rate(text) == rate


@pytest.mark.parametrize("text", ["fast", "Hz", "0", "-1", "nan", "inf", "1e308", "1" + 400 * "0"])
def test_what_is_no_frame_rate_is_a_sentence_and_not_emitted(qtbot, text):
    box = FrameRateBox()
    qtbot.addWidget(box)
    emitted = []
    box.frame_rate_changed.connect(emitted.append)
    box.edit.setText(text)
    box.edit.editingFinished.emit()
    assert box.edit.problem.startswith(
        "The frame rate must be a number above 0, in Hz, from 0.000001 to 1000000000, but '"
    )
    assert len(box.edit.problem) < 200
    assert not emitted
