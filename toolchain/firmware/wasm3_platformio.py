"""
Extra script of library.json: how PlatformIO compiles wasm3 for Rosehip.

PlatformIO fetches wasm3 as a dependency. It must not be compiled by its own manifest, but as firmware.ts does it: with
the edits of wasm3_transform.json, with firmware/src/wasm/wasm3_config.h in front of each file, and optimised, since its
instructions are functions that end in calls to the next, which need no stack only if the compiler makes jumps of them.
"""

import json
import os
import sys

Import("env", "pio_lib_builder")  # noqa: F821, names that PlatformIO gives

ROOT = pio_lib_builder.path  # noqa: F821
FLAGS = ["-std=gnu11", "-w", "-O2", "-foptimize-sibling-calls"]


def fail(what, remedy):
    sys.stderr.write(f"error: {what}\n  to fix: {remedy}\n")
    env.Exit(1)  # noqa: F821


def fetched():
    """The library that PlatformIO has fetched."""
    for library in env.GetLibBuilders():  # noqa: F821
        if os.path.isfile(os.path.join(library.path, "source", "m3_env.h")):
            return library
    return fail("wasm3 is not among the libraries", "do not list it in lib_ignore")


def edited(name, text, edits):
    for edit in edits:
        if edit["file"] != name:
            continue
        if text.count(edit["anchor"]) != 1:
            fail(
                f"{name} of wasm3 is not that of the version that library.json names",
                "delete .pio/libdeps, and name no other version of wasm3 in lib_deps",
            )
        text = text.replace(edit["anchor"], edit["replacement"])
    return text


def prepare(source, folder):
    """Writes wasm3's own files into `folder`, edited; a file that is right already keeps its time."""
    with open(os.path.join(ROOT, "toolchain", "firmware", "wasm3_transform.json"), encoding="utf-8") as file:
        edits = json.load(file)["edits"]
    os.makedirs(folder, exist_ok=True)
    for name in os.listdir(source):
        if not name.endswith((".c", ".h")) or name.startswith("m3_api_"):
            continue
        with open(os.path.join(source, name), encoding="utf-8", newline="") as file:
            text = edited(name, file.read(), edits)
        path = os.path.join(folder, name)
        if os.path.isfile(path):
            with open(path, encoding="utf-8", newline="") as file:
                if file.read() == text:
                    continue
        with open(path, "w", encoding="utf-8", newline="") as file:
            file.write(text)


def build():
    library = fetched()
    library.is_built = True  # here, not by its own manifest
    source = os.path.join(env.subst("$BUILD_DIR"), "wasm3-source")  # noqa: F821
    prepare(os.path.join(library.path, "source"), source)
    config = os.path.join(ROOT, "firmware", "src", "wasm")
    wasm3 = env.Clone()  # noqa: F821
    wasm3.Append(CPPPATH=[config], CCFLAGS=FLAGS + ["-include", os.path.join(config, "wasm3_config.h")])
    archive = wasm3.BuildLibrary(os.path.join("$BUILD_DIR", "wasm3"), source, ["+<*.c>"])
    env.Append(CPPPATH=[source], LIBS=["m"])  # noqa: F821
    return build_rosehip() + [archive]


build_rosehip = pio_lib_builder.build  # noqa: F821
pio_lib_builder.build = build  # noqa: F821
