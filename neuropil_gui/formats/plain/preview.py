"""Questions about a file of arrays before it is read, and the preview of each answer."""

import hashlib

import numpy as np

from neuropil_gui.core.recording import Recording
from neuropil_gui.formats.paths import Options
from neuropil_gui.formats.plain.arrays import Layout, layout_questions, read_only, step_for
from neuropil_gui.formats.plain.choice import NO_NEUROPIL, Pick, partners, pick, plan_of, signal_names
from neuropil_gui.formats.plain.clock import find_clock
from neuropil_gui.formats.plain.store import Store
from neuropil_gui.formats.questions import Choice, FileQuestion, Inquiry, Preview

#: Values that are read for a preview.
_READ = 8 * 2**20


def preview(store: Store, options: Options) -> Preview:
    """Return the first cell as `options` would read it, thinned out in time.

    Of a long one, that is the beginning of the time.

    Parameters
    ----------
    store : Store
        Arrays of the file.
    options : Options
        Answers of the user.

    Raises
    ------
    DataError
        As `recording` does; of several arrays, the best guess is shown.
    """
    picked = pick(store, options)
    plan = plan_of(store, picked, options)
    names = [picked.name, *([picked.neuropil] if picked.neuropil else [])]
    ends = list(plan.shape)
    time = plan.axes[-1]
    ends[time] = min(plan.frames, max(1, _READ // max(1, plan.signals * plan.trials)))
    step = step_for(ends[time])
    part: list[int | tuple[int | None, int | None, int | None]] = [(None, end, None) for end in ends]
    part[time] = (None, ends[time], step)
    if plan.cells is not None:
        part[plan.cells] = 0
    values = [plan.arrange(store.read(name, part)) for name in names]
    traces = read_only(np.concatenate(values))
    frames = plan.frames * plan.trials
    clock = find_clock(store, picked.name, frames) if options.frame_rate is None else None
    rate = clock.rate(options.time_unit) if clock is not None else options.frame_rate
    return Preview(traces, signal_names(plan, picked), frames, plan.count, rate, step=step)


def inquiry(store: Store) -> Inquiry:
    """Return the questions about a file of arrays, with best guesses.

    Parameters
    ----------
    store : Store
        Arrays of the file.

    Raises
    ------
    DataError
        When there are none that could be traces.
    """
    picked = pick(store, Options())
    found = store.candidates
    plan = plan_of(store, picked, Options())
    questions: list[FileQuestion] = []
    if len(found) > 1 and not _is_settled(picked, plan):
        choices = tuple(Choice(each.name, each.label) for each in found.values())
        questions.append(
            FileQuestion("dataset", "Which array holds the signals?", picked.name, _sentence(picked.why), choices)
        )
    questions += _questions(store, picked, picked, bool(questions))
    dimensions = sorted(f"{each.name}:{len(each.shape)}" for each in found.values())
    described = hashlib.sha1("\n".join(dimensions).encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()
    return Inquiry(
        store.format,
        tuple(questions),
        lambda options: preview(store, options),
        f"{store.format}:{described[:16]}",
        Options(dataset=picked.name if len(found) > 1 else None, neuropil=picked.neuropil),
        lambda name: tuple(_questions(store, picked, pick(store, Options(dataset=name)), False)),
        alone=plan.alone and picked.neuropil is None,
    )


def _is_settled(picked: Pick, plan: Layout) -> bool:
    """Return whether nothing is open: the traces are named as FISSA and this program name them."""
    return picked.name == "raw" and not plan.warnings


def _questions(store: Store, first: Pick, chosen: Pick, depends: bool) -> list[FileQuestion]:
    """Return the questions about `chosen`, where the best guess is `first`; `depends` where another may be chosen."""
    plan = plan_of(store, chosen, Options())
    questions = list(_about_neuropil(store, first, chosen)) if not _is_settled(chosen, plan) else []
    questions += layout_questions(plan, depends)
    clock = find_clock(store, chosen.name, plan.frames * plan.trials)
    questions += clock.questions() if clock is not None else []
    if (questions or depends) and (clock is None or clock.step is None):
        why = "The file does not say, or not in a place that is known."
        questions.append(FileQuestion("frame_rate", "At how many frames per second was it recorded?", None, why))
    return questions


def _about_neuropil(store: Store, first: Pick, chosen: Pick) -> tuple[FileQuestion, ...]:
    """Return the question for the neuropil of `chosen`; its choices are the same for all answers."""
    found = store.candidates
    fitting = {each.name for each in partners(found, first.name)}
    others = [
        each for each in found.values() if each.name in fitting or (each.names_neuropil and each.name != first.name)
    ]
    if not others:
        return ()
    none = Choice(NO_NEUROPIL, "none")
    why = chosen.neuropil_why or "no name of an array of that shape says neuropil"
    choices = (none, *(Choice(each.name, each.label) for each in others))
    guess = chosen.neuropil or NO_NEUROPIL
    return (FileQuestion("neuropil", "Which array holds the neuropil?", guess, _sentence(why), choices),)


def _sentence(words: str) -> str:
    return f"{words[0].upper()}{words[1:]}."


def of_recording(recording: Recording) -> Preview:
    """Return the preview of a recording that is read already.

    Parameters
    ----------
    recording : Recording
        That is read already.
    """
    first = recording.cells[0]
    frames, count = first.traces.shape[1], len(recording.cells)
    step = step_for(frames)
    return Preview(
        read_only(first.traces[:, ::step]), first.signal_names, frames, count, recording.frame_rate, step=step
    )
