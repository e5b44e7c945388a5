"""Workers of a dask.distributed scheduler as an executor. Without Qt."""

import logging
import re
import threading
from concurrent.futures import Executor, Future
from typing import Any, Self

from neuropil_gui._version import __version__
from neuropil_gui.core.errors import DataError
from neuropil_gui.engine.workers import Workers

SECONDS = 5.0
"""Seconds for which a scheduler is waited for."""

CLOSING_SECONDS = 1.0
"""Seconds for which leaving a scheduler may take."""

ADDRESS = re.compile(r"(tcp|tls|ucx|ws|wss)://\S+:\d+")

EXTRA = "pip install 'neuropil-gui[cluster]'"


def version_here() -> str:
    """Return the version of the program, as a worker has it."""
    return __version__


class Cluster(Workers):
    """Executor of the workers of a scheduler, which is not contacted before `connect`.

    Parameters
    ----------
    address : str
        Of the scheduler, such as ``tcp://host:8786``.

    Attributes
    ----------
    address : str
    jobs : int
        Cells that its workers separate at a time.
    """

    def __init__(self, address: str) -> None:
        super().__init__()
        self.address, self.jobs = address, 1
        self._client: Any = None
        self._executor: Executor | None = None

    def connect(self) -> Self:
        """Connect with the scheduler, unless that is done, and look at its workers.

        Raises
        ------
        DataError
            When the package is not there, the scheduler cannot be reached, or its workers cannot do the work.
        """
        if self._client is not None and not self.lost:
            return self
        self.shutdown()
        if not ADDRESS.fullmatch(self.address):
            raise DataError(f"{self.address} is no address of a scheduler, such as tcp://HOST:8786.")
        distributed = _distributed()
        logging.getLogger("distributed").setLevel(logging.CRITICAL)  # what it would say of a lost worker is said here
        try:
            self._client = distributed.Client(self.address, timeout=SECONDS, set_as_default=False)
        except Exception as error:  # of many kinds: another kind of server, a name that is not known, no answer in time
            raise DataError(
                f"The scheduler {self.address} cannot be reached ({_in_brief(error)}): is it running, and is this its "
                "address?"
            ) from error
        try:
            self._look_at_workers()
        except BaseException:
            self.shutdown()
            raise
        self._executor = self._client.get_executor(pure=False)
        return self

    def submit(self, function: Any, /, *arguments: Any, **keywords: Any) -> Future[Any]:
        """Run a function of a module by one of the workers."""
        self.connect()
        assert self._executor is not None
        return self._executor.submit(function, *arguments, **keywords)

    @property
    def lost(self) -> bool:
        """Whether the scheduler that it was connected with is gone."""
        return self._client is not None and self._client.status != "running"

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = True) -> None:
        """Leave the scheduler, which goes on without us."""
        client, self._client, self._executor = self._client, None, None
        if client is not None:
            # A scheduler that is gone is not waited for.
            closing = threading.Thread(target=client.close, args=(CLOSING_SECONDS,), daemon=True)
            closing.start()
            closing.join(CLOSING_SECONDS if wait else 0)

    def _look_at_workers(self) -> None:
        workers = self._client.scheduler_info(n_workers=-1)["workers"]
        if not workers:
            raise DataError(f"The scheduler {self.address} has no workers.")
        self.jobs = sum(each["nthreads"] for each in workers.values())
        try:
            versions = set(self._client.run(version_here).values())
        except Exception as error:  # whatever a worker's import raises, here again
            raise DataError(
                f"The workers of {self.address} cannot do the work ({_in_brief(error)}): install neuropil-gui "
                f"{__version__} where they run."
            ) from error
        if versions != {__version__}:
            raise DataError(
                f"The workers of {self.address} have neuropil-gui {', '.join(sorted(versions - {__version__}))}, and "
                f"this is {__version__}: install the same version where they run."
            )


def _distributed() -> Any:
    try:
        import distributed
    except ImportError as error:
        raise DataError(f"A scheduler needs the package distributed, which is not installed: {EXTRA}.") from error
    return distributed


def _in_brief(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0][:200]
