"""Processes of which tests see what they were asked."""

from neuropil_gui.engine.processes import Processes


class Watched(Processes):
    """Processes whose work can be looked at and waited for."""

    def __init__(self, jobs):
        super().__init__(jobs)
        self.futures = []

    def submit(self, function, /, *arguments, **keywords):
        self.futures.append(super().submit(function, *arguments, **keywords))
        return self.futures[-1]

    @property
    def parts(self):
        """All but the first, by which each process says that it is there."""
        return self.futures[self.jobs :]
