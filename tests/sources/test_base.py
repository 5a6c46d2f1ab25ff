"""Check steps stop at the first failure and say why."""

from collections.abc import Callable, Iterator

from tidegate.errors import ConfigError, FeedUnavailable
from tidegate.sources.base import CheckStep, FeedPage, check_steps


class Stepping:
    """A source whose second step fails."""

    whole = True

    def __init__(self, error: Exception | None) -> None:
        self.error = error
        self.ran: list[str] = []

    def pages(self, cursor: str | None) -> Iterator[FeedPage]:
        yield FeedPage((), 0, cursor, None)

    def checks(self) -> Iterator[tuple[str, Callable[[], str]]]:
        for step in ("one", "two", "three"):
            yield step, lambda step=step: self._run(step)  # type: ignore[misc]

    def _run(self, step: str) -> str:
        self.ran.append(step)
        if self.error and step == "two":
            raise self.error
        return f"{step} is fine"


def test_all_steps() -> None:
    steps = list(check_steps(Stepping(None)))
    assert steps[0] == CheckStep("one", True, "one is fine")
    assert [step.step for step in steps] == ["one", "two", "three"]
    assert all(step.ok for step in steps)


def test_the_first_failure_is_the_last_step() -> None:
    for error in (FeedUnavailable("no answer", "wait"), ConfigError("no secret", "set it")):
        source = Stepping(error)
        steps = list(check_steps(source))
        assert steps[1:] == [CheckStep("two", False, str(error))]
        assert source.ran == ["one", "two"]
