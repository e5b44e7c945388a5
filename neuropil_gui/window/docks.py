"""Docks: the panels around the traces, and saving and restoring their places."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import pairwise

from PyQt5.QtCore import QByteArray, QSize, Qt
from PyQt5.QtWidgets import QAction, QDockWidget, QLayout, QMainWindow

from neuropil_gui.ui.sizes import grown, scale, scaled
from neuropil_gui.window.dock_panel import LEADING, LEFT, PROJECTED, RIGHT, TAUGHT, DockPanel
from neuropil_gui.window.dock_shares import LEAST_WIDTHS, MOST_WIDTH, WIDTHS, share_height, share_width

LOW = 217
"""Height of a window for each panel at the right, with text of the usual size, below which they lie as tabs."""

SMALL = QSize(784, 456)
"""Of a window, with text of the usual size: in less, two sides have no room beside traces, nor have two panels at one
side below each other, and all lie as tabs at the left."""

VERSION = 1
"""Of the arrangement that is saved: another number's is not restored."""


class Docks:
    """The docks of one window, hidden until there is something to show; each page keeps which of them it has.

    Parameters
    ----------
    window : QMainWindow
    panels : sequence of DockPanel
    page : str
        The page in view, whose arrangement is saved.
    """

    def __init__(self, window: QMainWindow, panels: Sequence[DockPanel], page: str) -> None:
        self._window = window
        self._home = self._page = page
        self._visible: dict[str, set[QDockWidget]] = {}
        self._panels = panels
        self._docks = []
        for panel in panels:
            dock = QDockWidget(panel.title, window)
            dock.setObjectName(f"{panel.name}_dock")
            dock.setTitleBarWidget(panel.header)
            dock.setWidget(panel.view)
            dock.hide()
            self._docks.append(dock)
        # What the views themselves ask for, with text of the usual size.
        self._asked = [panel.view.minimumWidth() / scale() for panel in panels]
        self._set_least_widths()
        self.shown = False
        self._folded = self._projected = False
        # The arrangement that comes back in a larger window, while all panels lie as tabs in a small one.
        self._larger: QByteArray | None = None
        self._closed: set[str] = set()
        # Those that are hidden until further notice, and whether they were shown before.
        self._withheld: dict[str, bool] = {}
        # Those that a lesson needs, and whether they were shown before.
        self._wanted: dict[str, bool] = {}
        self._before: tuple[QByteArray | None, dict[str, set[QDockWidget]]] = (None, {})

    def toggles(self) -> list[QAction]:
        """Return an action for each dock that shows and hides it."""
        return [action for dock in self._docks if (action := dock.toggleViewAction()) is not None]

    def show(self, saved: QByteArray | None = None) -> None:
        """Show the docks for the first time, as they were `saved`, or as they are at first."""
        if self.shown:
            return
        self.shown = True
        withheld, wanted, page = self._withheld, self._wanted, self._page
        self._withheld, self._wanted, self._page = {}, {}, self._home
        with self._no_least_size():
            self.reset()
            if self._projected:
                self._before = saved, {}
            elif saved is not None and not self._restore(saved):
                self.reset()
            self.fold()
        self.turn_to(page)
        self.withhold(withheld)
        self.want(wanted)

    def hide(self) -> QByteArray | None:
        """Hide the docks, because nothing is open, and return where they were, as `save` does."""
        saved = self.save()
        for dock in self._docks:
            dock.hide()
        self.shown = False
        return saved

    def _set_least_widths(self) -> None:
        for panel, asked in zip(self._panels, self._asked, strict=True):
            # Narrower, numbers would be cut off, and a cut number looks like another one.
            panel.view.setMinimumWidth(max(grown(LEAST_WIDTHS[panel.area]), min(scaled(asked), grown(MOST_WIDTH))))

    def project(self, on: bool) -> None:
        """Show what a room is to see and little else, or bring back what was shown before."""
        if on == self._projected:
            return
        # A panel that was closed, as by an exercise, stays closed.
        home = self._visible.get(self._home, set(self._docks))
        home = {dock for dock in self._docks if not dock.isHidden()} if self._page == self._home else home
        closed = [(panel, dock) for panel, dock in self._pairs() if panel.name in PROJECTED and dock not in home]
        self._closed = {panel.name for panel, _ in closed if self.shown}
        taught = {dock: not dock.isHidden() for panel, dock in self._pairs() if panel.name in TAUGHT}
        if on:
            seen = {dock for dock in self._docks if not dock.isHidden()}
            self._unfold()
            state = self._window.saveState(VERSION) if self.shown else None
            self._before = state, {**self._visible, self._page: seen}
        self._projected = on
        if not self.shown:
            return
        self.reset()
        if not on:
            state, self._visible = self._before
            if state is not None:
                self._restore(state)
            if self._home in self._visible:
                self._visible[self._home] -= {dock for _, dock in closed}
            self._show_visible()
        for dock, shown in taught.items():
            dock.setVisible(shown)
            if shown and not on and dock.objectName() == "simulator_dock":
                self.lead_with("simulator")
        self._gather()
        self.fold()
        for name in self._wanted:
            self.show_panel(name)

    def fold(self) -> None:
        """Put the panels into tabs where they do not fit below or beside each other, and out of them where they do."""
        if self._is_small():
            if self._larger is None:
                self._larger = self._window.saveState(VERSION)
                self._put_at_one_side()
            return
        if self._larger is not None:
            self._unfold()
            for area in WIDTHS:
                self._share_width(area)
                self._share_height(area)
        self._fold_right()

    def _is_small(self) -> bool:
        least = QSize(grown(SMALL.width()), grown(SMALL.height()))
        return self.shown and not self._projected and least.boundedTo(self._window.size()) != least

    def _put_at_one_side(self) -> None:
        side = [dock for dock in self._docks if not dock.isFloating()]
        shown = [dock for dock in side if not dock.isHidden()]
        for dock in side:
            self._window.removeDockWidget(dock)
        for dock in side[:1]:
            self._window.addDockWidget(LEFT, dock)
        # Shown before they are tabs, they would need more height than there is.
        for first, second in pairwise(side):
            self._window.tabifyDockWidget(first, second)
        for dock in shown:
            dock.show()
        for dock in shown[:1]:
            dock.raise_()
        self._share_width(LEFT)

    def _unfold(self) -> None:
        """Bring back the arrangement of a larger window, of the panels that are shown now."""
        if self._larger is not None:
            shown = [not dock.isHidden() for dock in self._docks]
            self._restore(self._larger)
            for dock, on in zip(self._docks, shown, strict=True):
                dock.setVisible(on)

    def _restore(self, state: QByteArray) -> bool:
        self._larger = None
        return self._window.restoreState(state, VERSION)

    @contextmanager
    def _no_least_size(self) -> Iterator[None]:
        """Let no arrangement on the way to that of a small window make it larger."""
        layout = self._window.layout()
        assert layout is not None
        before = layout.sizeConstraint()
        if self._is_small():
            layout.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)
        try:
            yield
        finally:
            layout.setSizeConstraint(before)

    def _fold_right(self) -> None:
        # What a lesson needs besides takes little of the height.
        rest = {*PROJECTED} if self._projected else {panel.name for panel in self._panels}
        count = sum(panel.area == RIGHT and panel.name in rest and self._at_first(panel) for panel in self._panels)
        low = self.shown and self._window.height() < grown(LOW * count)
        if low == self._folded:
            return
        self._folded = low
        side = [dock for panel, dock in self._pairs() if panel.area == RIGHT and not dock.isFloating()]
        if not low:
            # Out of the tabs, in which splitting would leave them.
            shown = [not dock.isHidden() for dock in side]
            for dock in side:
                self._window.removeDockWidget(dock)
            for dock, on in zip(side, shown, strict=True):
                self._window.addDockWidget(RIGHT, dock)
                dock.setVisible(on)
        for above, below in pairwise(side):
            if low:
                self._window.tabifyDockWidget(above, below)
            else:
                self._window.splitDockWidget(above, below, Qt.Orientation.Vertical)
        for dock in side[:1]:
            dock.raise_()
        self._share_width(RIGHT)
        self._share_height(RIGHT)

    def _gather(self) -> None:
        """Put simulator and settings into tabs in projector mode: beside a lesson there is no room for both."""
        docks = {panel.name: dock for panel, dock in self._pairs()}
        simulator, settings = docks["simulator"], docks["separation"]
        if self._projected and not simulator.isHidden() and not settings.isHidden():
            self._window.tabifyDockWidget(simulator, settings)
            simulator.raise_()
            self._share_height(LEFT)

    def _pairs(self) -> list[tuple[DockPanel, QDockWidget]]:
        return list(zip(self._panels, self._docks, strict=True))

    def rescale(self) -> None:
        """Take other widths for another size of the text."""
        self._set_least_widths()
        self.fold()
        for area in WIDTHS:
            self._share_width(area)

    def _share_width(self, area: Qt.DockWidgetArea) -> None:
        share_width(self._window, [dock for panel, dock in self._pairs() if panel.area == area], area)

    def _share_height(self, area: Qt.DockWidgetArea) -> None:
        share_height(self._window, [(dock, panel.share) for panel, dock in self._pairs() if panel.area == area])

    def reset(self) -> None:
        """Put all docks where they are at first."""
        with self._no_least_size():
            self._reset()

    def _reset(self) -> None:
        for dock in self._docks:
            dock.setFloating(False)
            # Out of tabs first, which would change the order.
            self._window.removeDockWidget(dock)
        for panel, dock in self._pairs():
            self._window.addDockWidget(panel.area, dock)
            # One that is not shown at first must not claim room from the beginning.
            dock.setVisible(self._at_first(panel))
        self._visible.clear()
        self._folded, self._larger = False, None
        for area in WIDTHS:
            side = [dock for panel, dock in self._pairs() if panel.area == area]
            # One under the other again, whatever was tabbed or put beside another.
            for above, below in pairwise(side):
                self._window.splitDockWidget(above, below, Qt.Orientation.Vertical)
            self._share_width(area)
            self._share_height(area)
        self._show_visible()
        self.fold()

    def withhold(self, names: Collection[str]) -> None:
        """Hide these docks, also from the menu, until others or none are named; then they come back."""
        if not self.shown:
            self._withheld = dict.fromkeys(names, False)
            return
        before, pairs = self._withheld, self._pairs()
        self._withheld = self._shown_before(names, before)
        for panel, dock in pairs:
            withheld = panel.name in self._withheld
            if (action := dock.toggleViewAction()) is not None and withheld != (panel.name in before):
                action.setEnabled(not withheld)
            if withheld:
                self.set_shown(panel.name, False)
            elif before.get(panel.name, False):
                if panel.page in ("", self._page):
                    self.set_shown(panel.name, True)
                self._visible.get(panel.page, set()).add(dock)

    def want(self, names: Collection[str]) -> None:
        """Show these docks, in projector mode too, until others or none are named; then they are as they were."""
        if not self.shown:
            self._wanted = dict.fromkeys(names, False)
            return
        before = self._wanted
        if set(names) == set(before):
            return
        # What projector mode hides besides is as it was before the mode.
        sets = self._before[1] if self._projected else self._visible
        home = sets.get(self._home, set(self._docks)) if self._projected else None
        self._wanted = self._shown_before(names, before, home)
        for panel, dock in self._pairs():
            wanted = panel.name in self._wanted
            if wanted == (panel.name in before):
                continue
            shown = wanted or before[panel.name]
            for page, seen in sets.items() if not (self._projected and wanted) else ():
                if panel.page in ("", page):
                    (seen.add if shown else seen.discard)(dock)
            self._visible.get(panel.page, set()).discard(dock)
            if panel.page in ("", self._page):
                self.set_shown(panel.name, self._at_first(panel) if self._projected else shown)
            elif (shown and not self._projected) or wanted:
                self._visible.get(panel.page, set()).add(dock)
            if wanted and not dock.isHidden():
                dock.raise_()

    def _shown_before(
        self, names: Collection[str], known: Mapping[str, bool], home: set[QDockWidget] | None = None
    ) -> dict[str, bool]:
        """Return which of these docks are shown, on the first page where that is another one; `known` as they were."""
        if home is None:
            elsewhere = self._visible.get(self._home, set()) if self._page != self._home else set()
            home = elsewhere | {dock for dock in self._docks if not dock.isHidden()}
        pairs = [(panel, dock) for panel, dock in self._pairs() if panel.name in names]
        return {panel.name: known.get(panel.name, dock in home) for panel, dock in pairs}

    def set_shown(self, name: str, on: bool) -> None:
        """Show or hide the dock of that name; one that is withheld stays hidden."""
        for panel, dock in self._pairs():
            if panel.name == name and dock.isHidden() == on and not (on and name in self._withheld):
                dock.setVisible(on)
                self._gather()
                self._share_height(panel.area)
                if on and self._larger is not None:
                    dock.raise_()

    def show_panel(self, name: str) -> None:
        """Show the dock of that name, also where it was closed or lies below another tab; not if it is withheld."""
        for panel, dock in self._pairs():
            if panel.name == name and name not in self._withheld:
                dock.show()
                dock.raise_()

    def lead_with(self, name: str) -> None:
        """Show this one of `LEADING` in place of the other, where the other is shown."""
        docks = {panel.name: dock for panel, dock in self._pairs()}
        (other,) = (docks[each] for each in LEADING if each != name)
        for seen in self._visible.values():
            if other in seen:
                seen.remove(other)
                seen.add(docks[name])
        if self._projected:
            docks["simulator"].setVisible(name == "simulator")
            self._gather()
        elif not other.isHidden():
            docks[name].show()
            other.hide()
            self._share_height(LEFT)
            if self._larger is not None:
                docks[name].raise_()

    def turn_to(self, page: str) -> None:
        """Show the docks that a page has."""
        if self.shown:
            self._visible[self._page] = {dock for dock in self._docks if not dock.isHidden()}
        self._page = page
        if self.shown:
            self._show_visible()

    def _show_visible(self) -> None:
        ours = {dock for panel, dock in self._pairs() if panel.page in ("", self._page) and self._at_first(panel)}
        # What is shown when it is asked for, such as a lesson, goes along from page to page.
        asked_for = {dock for panel, dock in self._pairs() if not panel.at_first}
        along = {dock for dock in asked_for if not dock.isHidden()}
        visible = (self._visible.get(self._page, ours) - asked_for) | along
        led = [dock in along for panel, dock in self._pairs() if panel.name == LEADING[1]]
        if any(led):
            visible -= {dock for panel, dock in self._pairs() if panel.name == LEADING[0]}
        visible -= {dock for panel, dock in self._pairs() if panel.name in self._withheld}
        for dock in self._docks:
            # One that was taken out of the window stays where it is.
            if not dock.isFloating():
                dock.setVisible(dock in visible)

    def _at_first(self, panel: DockPanel) -> bool:
        if panel.name in self._withheld:
            return False
        if self._projected:
            return panel.name in self._wanted or (panel.name in PROJECTED and panel.name not in self._closed)
        return panel.at_first

    def save(self) -> QByteArray | None:
        """Return where the docks of the first page are without an exercise or lesson; None before they are shown."""
        self.withhold(())
        self.want(())
        if self._projected:
            return self._before[0]
        self.turn_to(self._home)
        with self._no_least_size():
            self._unfold()
            return self._window.saveState(VERSION) if self.shown else None
