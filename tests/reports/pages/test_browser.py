"""The pages in a real browser: a counterexample by keyboard, no console error, no overflow."""

from collections.abc import Iterator

import pytest
from browser import Browser, missing
from sample import Made

pytestmark = pytest.mark.skipif(bool(missing()), reason=missing() or "a browser is there")

PAGE = "requirements/broken.calm.html"
SHOWN = "return [...document.querySelectorAll('.player .state')].map(s => s.offsetParent !== null)"
PLACE = "return document.querySelector('.player output').textContent"
LIT = "return document.querySelectorAll('.event.current').length"
OVERFLOW = "return document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with Browser(tmp_path_factory.mktemp("browser")) as made:
        yield made


@pytest.fixture
def page(browser: Browser, made: Made) -> Browser:
    browser.set_width(1280)
    browser.set_dark(False)
    browser.open(made.pages / PAGE)
    return browser


def test_arrow_keys_step_through_a_counterexample(page: Browser) -> None:
    states = page.run(SHOWN)
    assert len(states) > 3
    assert states == [True] + [False] * (len(states) - 1)
    assert page.run(PLACE) == f"state 0 of {len(states) - 1}"
    for number in range(1, len(states)):
        page.press("right")
        assert [n for n, seen in enumerate(page.run(SHOWN)) if seen] == [number]
        assert page.run(PLACE) == f"state {number} of {len(states) - 1}"
        assert page.run(LIT) == 1, "the step is marked in the diagram"
    page.press("right", "left", "left")
    assert page.run(PLACE) == f"state {len(states) - 3} of {len(states) - 1}"
    assert page.messages() == []


def test_home_and_end_work_in_a_trace_that_has_the_focus(page: Browser) -> None:
    page.run("document.querySelector('.player').focus()")
    last = len(page.run(SHOWN)) - 1
    page.press("end")
    assert page.run(PLACE) == f"state {last} of {last}"
    page.press("home")
    assert page.run(PLACE) == f"state 0 of {last}"


def test_changed_fields_are_marked(page: Browser) -> None:
    page.press("right")
    changed = (
        "return [...document.querySelectorAll('.state.current .changed')].map(e => e.innerText)"
    )
    assert "1" in page.run(changed)
    gained = "return document.querySelector('.state.current ins').innerText"
    assert page.run(gained).startswith("Note(source=peer")


def test_all_states_can_be_shown_at_once(page: Browser) -> None:
    page.run("document.querySelector('.controls input').click()")
    assert all(page.run(SHOWN))


def test_the_keys_leave_other_traces_alone(page: Browser) -> None:
    page.run("document.querySelector('details.trace').open = false")
    page.press("right")
    assert page.run(PLACE).startswith("state 0")


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("dark", [False, True])
def test_no_page_is_wider_than_its_screen_or_logs_an_error(
    browser: Browser, made: Made, width: int, dark: bool
) -> None:
    browser.set_width(width)
    browser.set_dark(dark)
    for path in sorted(made.pages.rglob("*.html")):
        browser.open(path)
        assert browser.run(OVERFLOW) <= 0, f"{path.name} at {width} pixels"
        assert browser.messages() == [], path.name


def test_text_is_readable_in_both_themes(browser: Browser, made: Made) -> None:
    colours = "const s = getComputedStyle(document.body); return [s.color, s.backgroundColor]"
    for dark in (False, True):
        browser.set_dark(dark)
        browser.open(made.pages / "index.html")
        ink, paper = (brightness(text) for text in browser.run(colours))
        assert (ink > paper) is dark
        assert abs(ink - paper) > 180


def brightness(colour: str) -> float:
    """The mean of red, green and blue of `rgb(r, g, b)`."""
    parts = colour[colour.index("(") + 1 : -1].split(",")
    return sum(float(part) for part in parts[:3]) / 3


def test_a_state_of_the_graph_tells_itself(browser: Browser, made: Made) -> None:
    browser.set_width(1280)
    browser.open(made.pages / "models/broken.html")
    browser.run(
        "document.querySelector('.graph .node')"
        ".dispatchEvent(new MouseEvent('click', {bubbles: true}))"
    )
    caption = browser.run("return document.querySelector('.caption').textContent")
    assert caption.startswith("0: count = ")
