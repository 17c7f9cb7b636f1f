"""Judge of `kubelet_imagegc`: which images a kubelet removes, round by round.

A line is `{"case", "policy", "steps": [...]}`. Before a step the clock goes on by `secondsPass`,
images are `added` or `changed` (`id`, `size`, `pinned`), and some are `inUse`; then the kubelet
does `op`, `GarbageCollect` or `DeleteUnusedImages`, on a disk with `capacity` and `available`
bytes. Each step is one comparison: what is `removed` (sorted), `error`, `events`, and `records`
that are left. Where images have the same ages, upstream takes them in any order: what was removed
agrees where some order gives it, and the next step goes on from there. The recorder moved a real
clock by whole seconds, so a round comes a moment later than the sum says: what is as old as a
limit by that sum is older.
"""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

from planespec.reports.judge.recorded_fields import read_amount
from planespec.reports.judge.runner import Comparison, compare, judge_lines, part_answers
from planespec.spec.node.image_gc import (
    Collection,
    ImageCollector,
    ImageGcPolicy,
    ImageRound,
    Moment,
    NodeImage,
)
from planespec.spec.objects.view import ObjectError, View

_ANSWERS = ("removed", "error", "events", "records")
_INSTANT = Fraction(1, 10**6)
"""What a step takes, in seconds: any time that is short beside a second, however many steps."""


def judge(path: Path) -> Iterator[Comparison]:
    """Yield one comparison for each step; InputError where the recording is malformed."""
    return judge_lines(path, _judge_line)


def _judge_line(where: str, line: View) -> Iterator[Comparison]:
    line.needing("policy", "steps")
    collector = ImageCollector(_read_policy(line.view("policy")))
    images: dict[str, NodeImage] = {}
    now: Moment = 0
    for step in line.views("steps"):
        step.needing("op", "removed", "records")
        now += read_amount(step, "secondsPass") + _INSTANT
        for each in (*step.views("added"), *step.views("changed")):
            images[each.text("id")] = _read_image(each)
        collector.began = now - read_amount(step, "sinceKubeletStart") - _INSTANT
        done = _take_step(collector, step, now, list(images.values()))
        for image in done.removed:
            del images[image]
        given, expected = part_answers(step.data, _ANSWERS)
        yield compare(step.text("op"), where, given, expected, _show(done, collector, now))


def _read_policy(policy: View) -> ImageGcPolicy:
    policy.needing("high", "low")
    names = ("high", "low", "minAgeSeconds", "maxAgeSeconds")
    amounts = [read_amount(policy, name) for name in names]
    try:
        return ImageGcPolicy(*amounts)
    except ValueError as error:
        raise ObjectError(policy.field, str(error)) from error


def _read_image(image: View) -> NodeImage:
    image.needing("id", "size")
    return NodeImage(image.text("id"), read_amount(image, "size"), image.flag("pinned"))


def _take_step(
    collector: ImageCollector, step: View, now: Moment, images: list[NodeImage]
) -> Collection:
    removed = frozenset(step.texts("removed"))
    found = ImageRound(now, images, frozenset(step.texts("inUse")), first=removed)
    op = step.text("op")
    if op == "DeleteUnusedImages":
        return collector.delete_unused(found)
    if op == "GarbageCollect":
        capacity, available = (read_amount(step, name) for name in ("capacity", "available"))
        return collector.collect(found, capacity, available)
    raise ObjectError(step.path("op"), f"{op!r} is none of DeleteUnusedImages, GarbageCollect")


def _show(done: Collection, collector: ImageCollector, now: Moment) -> dict[str, object]:
    records: dict[str, object] = {}
    for image, record in collector.records.items():
        shown: dict[str, object] = {
            "detectedSecondsAgo": int(now - record.first_detected),
            "pinned": record.pinned,
        }
        if record.last_used is not None:
            shown["usedSecondsAgo"] = int(now - record.last_used)
        records[image] = shown
    answer: dict[str, object] = {"removed": sorted(done.removed), "records": records}
    answer["events"] = [f"Warning {done.event} {done.error}"] if done.event else []
    return {**answer, "error": done.error} if done.error else answer
