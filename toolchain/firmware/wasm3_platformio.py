"""
Extra script of library.json: how PlatformIO compiles Rosehip and wasm3.

PlatformIO fetches wasm3 as a dependency. It must not be compiled by its own manifest, but as firmware.ts does it: with
the edits of wasm3_transform.json, with firmware/src/wasm/wasm3_config.h in front of each file, and optimised, since its
instructions are functions that end in calls to the next, which need no stack only if the compiler makes jumps of them.

On chips of Espressif the port, firmware/port/esp32, is a part of the library.
"""

import os
import sys

Import("env", "pio_lib_builder")  # noqa: F821, names that PlatformIO gives

ROOT = pio_lib_builder.path  # noqa: F821
FLAGS = ["-std=gnu11", "-w", "-O2", "-foptimize-sibling-calls", "-fwrapv"]  # WebAssembly's integers wrap
ESP32_FLAGS = ["-Os" if flag == "-O2" else flag for flag in FLAGS]
# What bounds the stack in the ESP32 port, as its Kconfig has it; and where Arduino defines ESP32, wasm3 would put its
# instructions into the little memory for interrupts if it did not take them to be there.
ESP32_DEFINES = {"d_m3MaxNativeStack": 8192, "d_m3ValCtrlDepth": 64, "M3_IN_IRAM": 1}

sys.path.insert(0, os.path.join(ROOT, "toolchain", "firmware"))
from wasm3_prepare import Unfit, prepare  # noqa: E402


def fail(what, remedy):
    sys.stderr.write(f"error: {what}\n  to fix: {remedy}\n")
    env.Exit(1)  # noqa: F821


def fetched():
    """The library that PlatformIO has fetched."""
    for library in env.GetLibBuilders():  # noqa: F821
        if os.path.isfile(os.path.join(library.path, "source", "m3_env.h")):
            return library
    return fail("wasm3 is not among the libraries", "do not list it in lib_ignore")


def is_esp32():
    return env.get("PIOPLATFORM") == "espressif32"  # noqa: F821


def has_flag(name):
    """Whether the project gives a value to a setting of ours."""
    defines = env.get("CPPDEFINES", [])  # noqa: F821
    return any((define[0] if isinstance(define, (tuple, list)) else define) == name for define in defines)


def build():
    library = fetched()
    library.is_built = True  # here, not by its own manifest
    source = os.path.join(env.subst("$BUILD_DIR"), "wasm3-source")  # noqa: F821
    try:
        prepare(os.path.join(library.path, "source"), source)
    except Unfit as error:
        fail(str(error), "delete .pio/libdeps, and name no other version of wasm3 in lib_deps")
    config = os.path.join(ROOT, "firmware", "src", "wasm")
    if is_esp32():
        env.Append(CPPDEFINES=[define for define in ESP32_DEFINES.items() if not has_flag(define[0])])  # noqa: F821
    wasm3 = env.Clone()  # noqa: F821
    flags = ESP32_FLAGS if is_esp32() else FLAGS
    wasm3.Append(CPPPATH=[config], CCFLAGS=flags + ["-include", os.path.join(config, "wasm3_config.h")])
    archives = [wasm3.BuildLibrary(os.path.join("$BUILD_DIR", "wasm3"), source, ["+<*.c>"])]
    env.Append(CPPPATH=[source], LIBS=["m"])  # noqa: F821
    if is_esp32():
        port = os.path.join(ROOT, "firmware", "port", "esp32")
        archives.append(env.BuildLibrary(os.path.join("$BUILD_DIR", "rosehip-esp32"), port, ["+<*.c>"]))  # noqa: F821
    return build_rosehip() + archives


if is_esp32():
    env.Append(CPPPATH=[os.path.join(ROOT, "firmware", "port", "esp32", "include")])  # noqa: F821

build_rosehip = pio_lib_builder.build  # noqa: F821
pio_lib_builder.build = build  # noqa: F821
