"""
Makes of wasm3's source what Rosehip compiles: its engine, edited as wasm3_transform.json says. For ESP-IDF's and
PlatformIO's builds; wasm3.ts does the same for the others.

    python wasm3_prepare.py SOURCE DESTINATION
"""

import json
import os
import sys


class Unfit(Exception):
    """The source is not that of the version which the edits are for."""


def _edited(name, text, edits):
    for edit in edits:
        if edit["file"] != name:
            continue
        if text.count(edit["anchor"]) != 1:
            raise Unfit(f"{name} of wasm3 is not that of version 0.9.0")
        text = text.replace(edit["anchor"], edit["replacement"])
    return text


def _write_if_new(path, text):
    """A file that is right already keeps its time, so that it is not compiled again."""
    if os.path.isfile(path):
        with open(path, encoding="utf-8", newline="") as file:
            if file.read() == text:
                return
    with open(path, "w", encoding="utf-8", newline="") as file:
        file.write(text)


def prepare(source, destination):
    """Writes the engine's files of the folder `source` into `destination`, without wasm3's WASI and libc bindings."""
    transform = os.path.join(os.path.dirname(os.path.abspath(__file__)), "wasm3_transform.json")
    with open(transform, encoding="utf-8") as file:
        edits = json.load(file)["edits"]
    os.makedirs(destination, exist_ok=True)
    names = [name for name in os.listdir(source) if name.endswith((".c", ".h")) and not name.startswith("m3_api_")]
    for edit in edits:
        if edit["file"] not in names:
            raise Unfit(f"{edit['file']} of wasm3 0.9.0 is missing")
    for name in names:
        with open(os.path.join(source, name), encoding="utf-8", newline="") as file:
            _write_if_new(os.path.join(destination, name), _edited(name, file.read(), edits))
    for name in os.listdir(destination):
        if name not in names:
            os.remove(os.path.join(destination, name))


if __name__ == "__main__":
    try:
        prepare(sys.argv[1], sys.argv[2])
    except (Unfit, OSError) as error:
        sys.exit(
            f"error: {sys.argv[1]}: {error}\n"
            "  to fix: git clone --depth 1 --branch v0.9.0 https://github.com/wasm3/wasm3.git"
        )
