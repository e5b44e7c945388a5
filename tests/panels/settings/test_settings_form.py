import pytest
from PyQt5.QtCore import QEvent, QPoint, QPointF, Qt
from PyQt5.QtGui import QWheelEvent
from PyQt5.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QLineEdit,
    QPushButton,
    QSlider,
    QSpinBox,
    QStyle,
    QStyleOptionSlider,
    QWidget,
)

from neuropil_gui.core.settings import PARAMETERS, SeparationSettings
from neuropil_gui.panels.settings.settings_form import SettingsForm


@pytest.fixture
def form(qtbot):
    form = SettingsForm()
    qtbot.addWidget(form)
    form.resize(320, 600)
    form.set_signal_count(5)
    form.advanced.set_open(True)
    with qtbot.waitExposed(form):
        form.show()
    return form


@pytest.fixture
def emitted(form):
    seen = []
    form.settings_changed.connect(seen.append)
    return seen


def type_into(qtbot, box, text):
    box.setFocus()
    box.selectAll()
    qtbot.keyClicks(box, text)


def test_starts_with_the_defaults_and_says_so(form):
    assert form.settings() == SeparationSettings()
    assert "defaults" in form.header.subtitle.text()


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("method", QComboBox), ("n", QSpinBox), ("n_slider", QSlider), ("n_auto", QCheckBox),
        ("alpha", QDoubleSpinBox), ("alpha_slider", QSlider), ("seed", QLineEdit), ("seed_random", QCheckBox),
        ("seed_dice", QWidget), ("tol", QLineEdit), ("max_iter", QSpinBox), ("max_tries", QSpinBox),
        ("start", QComboBox), ("offset", QCheckBox), ("pedestal", QDoubleSpinBox), ("pedestal_slider", QSlider),
        ("reset", QPushButton), ("run_button", QPushButton),
    ],
)  # fmt: skip
def test_every_control_has_its_name_its_help_and_an_accessible_name(form, name, kind):
    widget = form.findChild(kind, name)
    assert widget is not None
    assert widget.toolTip()
    assert widget.accessibleName()


def test_which_settings_have_a_control(form):
    # Live and Run choose the solver; a third place for it would contradict one of them.
    assert [name for name in PARAMETERS if form.findChild(QWidget, name) is None] == ["solver"]


def test_a_solver_that_was_given_is_kept(qtbot, form, emitted):
    form.show_settings(SeparationSettings(solver="accelerated"))
    type_into(qtbot, form.alpha, "0.5")
    assert emitted[-1] == SeparationSettings(alpha=0.5, solver="accelerated")
    qtbot.mouseClick(form.reset, Qt.LeftButton)
    assert emitted[-1] == SeparationSettings()


def test_tool_tips_come_from_core(form):
    for name in ("method", "alpha", "tol", "max_iter", "max_tries", "start"):
        assert PARAMETERS[name].help[:20] in form.findChild(QWidget, name).toolTip()


def test_typed_alpha_stays_exactly_as_typed(qtbot, form, emitted):
    type_into(qtbot, form.alpha, "0.001")
    assert emitted[-1].alpha == 0.001
    qtbot.keyClick(form.alpha, Qt.Key_Return)
    assert form.settings().alpha == 0.001
    assert form.alpha.text() == "0.001"


def test_a_decimal_comma_is_a_point(qtbot, form):
    type_into(qtbot, form.alpha, "0,25")
    assert form.settings().alpha == 0.25


def test_alpha_slider_reaches_zero_and_rounds(qtbot, form, emitted):
    form.alpha_slider.setFocus()
    qtbot.keyClick(form.alpha_slider, Qt.Key_Home)
    assert emitted[-1].alpha == 0.0
    assert form.alpha.value() == 0.0
    qtbot.keyClick(form.alpha_slider, Qt.Key_End)
    assert emitted[-1].alpha == 10.0
    for _ in range(5):
        qtbot.keyClick(form.alpha_slider, Qt.Key_Left)
        alpha = emitted[-1].alpha
        assert alpha == float(f"{alpha:.1e}") == form.alpha.value()


def test_dragging_the_alpha_slider_emits_on_the_way(mouse, form, emitted):
    slider = form.alpha_slider
    option = QStyleOptionSlider()
    slider.initStyleOption(option)
    handle = slider.style().subControlRect(QStyle.CC_Slider, option, QStyle.SC_SliderHandle, slider).center()
    places = [handle + QPoint(x, 0) for x in (8, 16, 24)]
    mouse(slider, (QEvent.MouseButtonPress, handle), *((QEvent.MouseMove, place) for place in places))
    alphas = [each.alpha for each in emitted]
    assert len(alphas) == 3
    assert 0.1 < alphas[0] < alphas[1] < alphas[2] == form.alpha.value()
    mouse(slider, (QEvent.MouseButtonRelease, places[-1]))


def test_alpha_finer_than_the_box_is_kept_until_the_user_changes_it(qtbot, form):
    form.show_settings(SeparationSettings(alpha=1e-9))
    qtbot.mouseClick(form.seed_row.dice, Qt.LeftButton)
    assert form.settings().alpha == 1e-9


def test_n_box_and_slider_are_linked_and_bounded(qtbot, form, emitted):
    qtbot.mouseClick(form.n_auto, Qt.LeftButton, pos=QPoint(6, form.n_auto.height() // 2))
    assert form.settings().n == 5
    assert (form.n.minimum(), form.n.maximum()) == (1, 5)
    type_into(qtbot, form.n, "3")
    assert (emitted[-1].n, form.n_slider.value()) == (3, 3)
    qtbot.keyClick(form.n_slider, Qt.Key_Left)
    assert (emitted[-1].n, form.n.value()) == (2, 2)


def test_auto_greys_n_and_says_what_it_chose(qtbot, form):
    assert not form.n.isEnabled()
    assert not form.n_slider.isEnabled()
    assert "auto" in form.n.toolTip().lower()
    form.show_auto_n(3)
    assert form.n.value() == 3
    assert form.settings().n is None
    form.n_auto.setFocus()
    qtbot.keyClick(form.n_auto, Qt.Key_Space)
    assert form.settings().n == 3
    assert form.n.isEnabled()


def test_auto_of_ica_says_nothing_before_it_has_chosen(form):
    form.show_settings(SeparationSettings(method="ica"))
    assert form.n.text() == "–"
    form.show_auto_n(2)
    assert form.n.text() == "2"


def test_n_above_the_number_of_signals_is_shown_with_the_problem(form, emitted):
    form.show_settings(SeparationSettings(n=5))
    form.set_signal_count(2)
    assert form.n.value() == 5
    assert "only 2 signals" in form.problem.text()
    assert form.problem.isVisible()
    assert not emitted
    form.set_signal_count(5)
    assert not form.problem.isVisible()


def test_seed_limits(qtbot, form, emitted):
    type_into(qtbot, form.seed_row.edit, "4294967295")
    assert emitted[-1].seed == 4294967295
    emitted.clear()
    qtbot.keyClick(form.seed_row.edit, Qt.Key_Backspace)
    qtbot.keyClicks(form.seed_row.edit, "6")
    assert form.seed_row.edit.text() == "4294967296"
    assert [each.seed for each in emitted] == [429496729]
    assert form.seed_row.edit.property("invalid") is True
    assert "4294967295" in form.problem.text()


@pytest.mark.parametrize("text", ["-1", "abc", "1.5", "٣"])
def test_a_text_that_is_no_seed_emits_nothing_for_it(qtbot, form, emitted, text):
    form.seed_row.edit.setFocus()
    form.seed_row.edit.selectAll()
    qtbot.keyClick(form.seed_row.edit, Qt.Key_Delete)
    emitted.clear()
    form.seed_row.edit.textEdited.emit(text)
    assert not emitted
    assert form.problem.isVisible()
    qtbot.mouseClick(form.reset, Qt.LeftButton)
    assert not form.problem.isVisible()
    assert form.seed_row.edit.text() == "892"


def test_random_seed_and_dice(qtbot, form, emitted):
    form.seed_row.random.setFocus()
    qtbot.keyClick(form.seed_row.random, Qt.Key_Space)
    assert emitted[-1].seed is None
    assert not form.seed_row.edit.isEnabled()
    form.show_seed_used(77)
    assert "77" in form.seed_row.edit.placeholderText()
    qtbot.keyClick(form.seed_row.random, Qt.Key_Space)
    assert emitted[-1].seed == 77
    qtbot.mouseClick(form.seed_row.dice, Qt.LeftButton)
    assert 0 <= emitted[-1].seed < 2**32
    assert form.seed_row.edit.text() == str(emitted[-1].seed)


@pytest.mark.parametrize(("text", "value"), [("1e-3", 1e-3), ("0", 0.0), ("0,01", 0.01), ("1e-12", 1e-12)])
def test_tol_takes_powers_of_ten_and_zero(qtbot, form, text, value):
    type_into(qtbot, form.advanced.tol, text)
    assert form.settings().tol == value
    assert form.advanced.tol.text() == text


def test_tol_is_written_so_that_it_reads_back(form):
    for tol in (1e-4, 0.0, 1e-10, 0.1 + 0.2, 123456.789):
        form.show_settings(SeparationSettings(tol=tol))
        assert float(form.advanced.tol.text()) == tol


def test_an_invalid_tol_is_marked_and_not_emitted(qtbot, form, emitted):
    type_into(qtbot, form.advanced.tol, "x")
    assert not emitted
    assert "tol" in form.problem.text()


def test_ica_greys_what_it_ignores_and_says_why(qtbot, form, emitted):
    form.method.setFocus()
    qtbot.keyClick(form.method, Qt.Key_Down)
    assert emitted[-1].method == "ica"
    for widget, name in (
        (form.alpha, "alpha"), (form.alpha_slider, "alpha"), (form.advanced.start, "start"),
        (form.advanced.offset, "offset"),
    ):  # fmt: skip
        assert not widget.isEnabled()
        assert PARAMETERS[name].ignored[:20] in widget.toolTip()
    qtbot.keyClick(form.method, Qt.Key_Up)
    assert form.alpha.isEnabled()
    assert PARAMETERS["alpha"].ignored not in form.alpha.toolTip()


def test_advanced_settings_emit(qtbot, form, emitted):
    type_into(qtbot, form.advanced.max_iter, "250")
    type_into(qtbot, form.advanced.max_tries, "3")
    qtbot.keyClick(form.advanced.start, Qt.Key_Down)
    form.advanced.offset.setFocus()
    qtbot.keyClick(form.advanced.offset, Qt.Key_Space)
    last = emitted[-1]
    assert (last.max_iter, last.max_tries, last.start, last.offset) == (250, 3, "nndsvda", True)
    assert form.header.subtitle.toolTip().count(",") == 3


def test_show_settings_emits_nothing_and_shows_everything(form, emitted):
    settings = SeparationSettings("ica", 3, 2.5, None, 1e-6, 77, 4, "random", True)
    form.show_settings(settings)
    assert not emitted
    assert form.settings() == settings
    assert form.method.currentData() == "ica"
    assert (form.n.value(), form.n_slider.value(), form.n_auto.isChecked()) == (3, 3, False)
    assert form.alpha.value() == 2.5
    assert form.seed_row.random.isChecked()
    advanced = form.advanced
    assert (advanced.max_iter.value(), advanced.max_tries.value()) == (77, 4)
    assert (advanced.start.currentData(), advanced.offset.isChecked()) == ("random", True)


def test_reset_and_run(qtbot, form, emitted):
    form.show_settings(SeparationSettings(alpha=3.0, n=2))
    qtbot.mouseClick(form.reset, Qt.LeftButton)
    assert emitted == [SeparationSettings()]
    with qtbot.waitSignal(form.run_requested):
        qtbot.mouseClick(form.run_button, Qt.LeftButton)


def test_the_wheel_changes_nothing_that_is_not_chosen(qtbot, form, emitted):
    form.run_button.setFocus()
    for widget in (form.alpha, form.alpha_slider, form.method):
        event = QWheelEvent(
            QPointF(5, 5), QPointF(5, 5), QPoint(), QPoint(0, 120), Qt.NoButton, Qt.NoModifier, Qt.NoScrollPhase, False
        )
        QApplication.sendEvent(widget, event)
    assert not emitted


def test_the_pedestal_goes_up_to_the_least_value(qtbot, form, emitted):
    slider, box = form.findChild(QSlider, "pedestal_slider"), form.findChild(QDoubleSpinBox, "pedestal")
    form.set_least_value(123.456)
    slider.setFocus()
    qtbot.keyClick(slider, Qt.Key_End)
    assert emitted[-1].pedestal == box.value() == 123.456
    qtbot.keyClick(slider, Qt.Key_PageDown)
    assert emitted[-1].pedestal == box.value() == 111.1
    type_into(qtbot, box, "61.7")
    assert emitted[-1].pedestal == 61.7
    assert slider.value() == pytest.approx(slider.maximum() / 2, abs=1)
    assert "pedestal" in form.header.subtitle.text()
    qtbot.mouseClick(form.reset, Qt.LeftButton)
    assert (box.value(), slider.value()) == (0.0, 0)


@pytest.mark.parametrize("least", [123.456, 0.3, 1e-5, 98765.4321987])
def test_the_slider_never_goes_above_the_least_value(form, emitted, least):
    form.set_least_value(least)
    for place in range(form.advanced.pedestal_slider.maximum() + 1):
        form.advanced.pedestal_slider.setValue(place)
        assert form.settings().pedestal <= least
    assert form.settings().pedestal == pytest.approx(least, rel=1e-3, abs=1e-6)
    assert not form.problem.text()


def test_a_pedestal_above_the_least_value_is_reported_and_kept(form):
    form.show_settings(SeparationSettings(pedestal=50.0))
    form.set_least_value(20.0)
    assert form.settings().pedestal == 50.0
    assert "least value of this cell's traces is 20" in form.problem.text()
    # With the minimum subtracted, no more than the least value is.
    form.show_settings(SeparationSettings(pedestal=50.0, offset=True))
    assert not form.problem.text()
    form.show_settings(SeparationSettings(pedestal=50.0, method="ica"))
    assert not form.problem.text()


def test_the_pedestal_says_why(form):
    why, box, slider = form.advanced.why_pedestal, form.advanced.pedestal, form.advanced.pedestal_slider
    assert why.isVisible()
    assert why.text() in PARAMETERS["pedestal"].help
    assert "two medians of it" in why.text()
    form.show_settings(SeparationSettings(method="ica"))
    assert not box.isEnabled()
    assert not slider.isEnabled()
    assert why.text() == PARAMETERS["pedestal"].ignored
    assert PARAMETERS["pedestal"].ignored in box.toolTip()
    form.show_settings(SeparationSettings())
    assert slider.isEnabled()
    form.set_least_value(-1.0)
    assert not slider.isEnabled()
    assert "no constant light" in slider.toolTip()


def test_settings_that_are_not_free_are_locked_until_all_are(form):
    form.set_signal_count(5)
    tips = form.method.toolTip(), form.advanced.tol.toolTip()
    form.set_free(("alpha", "n"))
    assert form.alpha.isEnabled()
    assert form.n_auto.isEnabled()
    locked = (form.method, form.seed_row, form.advanced.tol, form.advanced.start, form.advanced.pedestal, form.reset)
    form.show_settings(SeparationSettings(n=3, alpha=0.5))  # which shows again what is used
    assert form.n.isEnabled()
    assert not any(each.isEnabled() for each in locked)
    assert form.method.toolTip() == form.advanced.start.toolTip() == "The exercise leaves this as it is."
    form.set_free(None)
    assert all(each.isEnabled() for each in locked)
    assert (form.method.toolTip(), form.advanced.tol.toolTip()) == tips
    form.show_settings(SeparationSettings(method="ica"))
    assert not form.alpha.isEnabled()
