"""A browser driven over the WebDriver protocol with nothing but the standard library."""

import base64
import json
import os
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any, Self

DRIVERS = ("chromedriver", "chromium.chromedriver")
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
KEYS = {"right": "\ue014", "left": "\ue012", "home": "\ue011", "end": "\ue010", "tab": "\ue004"}
"""Keys by name, as WebDriver writes them."""


def missing() -> str:
    """Why there is no browser to drive; empty when there is one."""
    if not any(map(shutil.which, DRIVERS)):
        return "no chromedriver on PATH (Debian: apt-get install chromium chromium-driver)"
    return "" if any(map(shutil.which, BROWSERS)) else "no chromium or chrome on PATH"


class Browser:
    """One headless window; closes itself and its driver at the end of a `with`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._port = free_port()
        driver = next(filter(None, map(shutil.which, DRIVERS)))
        self._log = (folder / "chromedriver.log").open("w")
        command = [driver, f"--port={self._port}"]
        self._driver = subprocess.Popen(command, stdout=self._log, stderr=self._log)
        self._session = ""

    def __enter__(self) -> Self:
        self._wait_for_driver()
        arguments = ["--headless=new", "--disable-gpu", f"--user-data-dir={self.folder / 'user'}"]
        if os.geteuid() == 0:
            arguments.append("--no-sandbox")
        wanted = {
            "browserName": "chrome",
            "goog:chromeOptions": {"args": arguments},
            "goog:loggingPrefs": {"browser": "ALL"},
        }
        answer = self._call("POST", "/session", {"capabilities": {"alwaysMatch": wanted}})
        self._session = f"/session/{answer['sessionId']}"
        return self

    def __exit__(self, *_: object) -> None:
        try:
            if self._session:
                self._call("DELETE", self._session)
        finally:
            self._driver.terminate()
            self._driver.wait(timeout=10)
            self._log.close()

    def set_width(self, width: int, height: int = 900) -> None:
        """Show pages as on a screen of this size, a phone below 600 pixels."""
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
        self.command("Emulation.setDeviceMetricsOverride", size)

    def set_dark(self, dark: bool) -> None:
        """Show pages as to a reader who prefers a dark screen."""
        wish = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.command("Emulation.setEmulatedMedia", {"features": [wish]})

    def command(self, name: str, parameters: dict[str, Any]) -> Any:
        """A command of the DevTools protocol."""
        body = {"cmd": name, "params": parameters}
        return self._call("POST", f"{self._session}/goog/cdp/execute", body)

    def open(self, path: Path) -> None:
        """Open a page from disk."""
        self._call("POST", f"{self._session}/url", {"url": path.resolve().as_uri()})

    def run(self, script: str) -> Any:
        """The value that JavaScript returns."""
        body = {"script": script, "args": []}
        return self._call("POST", f"{self._session}/execute/sync", body)

    def press(self, *keys: str) -> None:
        """Press and release keys, by name, as a person at the keyboard does."""
        strokes = [
            {"type": kind, "value": KEYS[key]} for key in keys for kind in ("keyDown", "keyUp")
        ]
        source = {"type": "key", "id": "keyboard", "actions": strokes}
        self._call("POST", f"{self._session}/actions", {"actions": [source]})

    def messages(self) -> list[str]:
        """What the console shows since the last time it was asked."""
        entries = self._call("POST", f"{self._session}/se/log", {"type": "browser"})
        return [f"{entry['level']}: {entry['message']}" for entry in entries]

    def screenshot(self) -> bytes:
        """The window as PNG."""
        return base64.b64decode(self._call("GET", f"{self._session}/screenshot"))

    def _wait_for_driver(self) -> None:
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            try:
                if self._call("GET", "/status")["ready"]:
                    return
            except (urllib.error.URLError, ConnectionError):
                time.sleep(0.1)
        raise TimeoutError("chromedriver does not answer")

    def _call(self, method: str, path: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        url = f"http://127.0.0.1:{self._port}{path}"
        request = urllib.request.Request(url, data, {"Content-Type": "application/json"})
        request.method = method
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.loads(answer.read())["value"]
        except urllib.error.HTTPError as error:
            with error:
                raise AssertionError(error.read().decode()) from None


def free_port() -> int:
    """A port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
