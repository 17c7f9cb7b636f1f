"""CPython counted an empty first level, the native engine counted none."""

from planespec.checker.lang import Model, action, initial, require


class Random(Model):
    """Every way to begin is refused."""

    flag: bool = False

    @initial
    def begin(self) -> None:
        """Never."""
        require(self.flag)

    @action
    def turn(self) -> None:
        """On and off."""
        self.flag = not self.flag
