"""What holds a model to reality, as data and in words: recorded answers, or why there are none."""

from collections.abc import Iterator
from dataclasses import dataclass

from planespec.checker.lang.named import Fidelity, Recording, fidelity_of
from planespec.reports.text.wording import plural


@dataclass(frozen=True, slots=True)
class HeldTo:
    """What holds a model to reality, as documents have it; see `Fidelity`."""

    cases: int
    because: str
    recordings: tuple[Recording, ...]


def holding_document(model: type) -> HeldTo | None:
    """What a model class says of itself; null where it says nothing."""
    said = fidelity_of(model)
    if said is None:
        return None
    return HeldTo(said.cases, said.because, said.recordings)


def holding_summary(model: type) -> str:
    """In a few words; empty where a model says nothing."""
    return "" if (said := fidelity_of(model)) is None else _summary(said)


def _summary(said: Fidelity) -> str:
    if not said.cases:
        return "no recording"
    return f"held in part to {plural(said.cases, 'answer')}"


def holding_sentences(document: HeldTo) -> Iterator[str]:
    """One sentence for each recording, or the one that says that there is none; no full stop."""
    if document.because:
        yield f"no recording: {document.because}"
    for each in document.recordings:
        yield f"{plural(each.cases, 'answer')} of {each.of}: {each.part}"


def holding_facts(recording: Recording) -> Iterator[tuple[str, str]]:
    """Where a recording is, who judges it, and which test holds the model to it."""
    yield "recording", recording.path
    if recording.kinds:
        yield "cases", ", ".join(recording.kinds)
    if recording.conform:
        yield "judged by", f"planespec conform {recording.conform} {recording.path}"
    if recording.through:
        yield "through", recording.through
    if recording.test:
        yield "test", recording.test
