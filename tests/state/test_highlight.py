from neuropil_gui.state.highlight import Highlight


def test_what_is_hovered_over_is_lit_before_what_is_kept(qapp):
    highlight, emitted = Highlight(), []
    highlight.changed.connect(lambda: emitted.append((highlight.component, highlight.signal)))
    highlight.keep_component(2)
    highlight.hover_component(0)
    highlight.hover_component(None)
    highlight.keep_component(2)
    highlight.hover_signal(1)
    highlight.hover_signal(1)
    assert emitted == [(2, None), (0, None), (2, None), (None, None), (None, 1)]
    cells = []
    highlight.cell_changed.connect(cells.append)
    for index in (3, 3, None):
        highlight.hover_cell(index)
    assert cells == [3, None]
    assert len(emitted) == 5, "traces and mixing are not drawn anew for a cell under the pointer"


def test_nothing_is_lit_once_something_else_is_shown(qapp):
    highlight, emitted = Highlight(), []
    highlight.changed.connect(lambda: emitted.append((highlight.component, highlight.signal)))
    highlight.clear()
    assert emitted == []
    highlight.keep_component(2)
    highlight.hover_signal(1)
    highlight.hover_cell(3)
    highlight.clear()
    assert emitted[2:] == [(None, None)]
    assert highlight.cell is None
