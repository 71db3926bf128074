"""
Extra script of platformio.ini: in front of `pio test`, writes what some of the tests read, captures.h and modules of
WebAssembly, and tells the tests where. They come from TypeScript, so this needs Node.js and `npm ci`.
"""

import glob
import os
import subprocess
import sys

from SCons.Script import COMMAND_LINE_TARGETS

Import("env")  # noqa: F821, a name that PlatformIO gives

ROOT = env.subst("$PROJECT_DIR")  # noqa: F821
FOLDER = os.path.join(env.subst("$PROJECT_WORKSPACE_DIR"), "fixtures")  # noqa: F821
STAMP = os.path.join(FOLDER, "complete")
SOURCES = ["test/firmware/**/*.ts", "test/firmware/platformio/tsconfig.json", "test/vectors/xrce/*.jsonl", "assembly/**/*.ts"]
STEPS = [
    ["node_modules/typescript/bin/tsc", "-p", "test/firmware/platformio/tsconfig.json"],
    [".cache/fixtures/test/firmware/platformio/fixtures.js", FOLDER],
]


def up_to_date():
    files = [file for pattern in SOURCES for file in glob.glob(os.path.join(ROOT, pattern), recursive=True)]
    return os.path.isfile(STAMP) and os.path.getmtime(STAMP) > max(map(os.path.getmtime, files))


def fail(what, remedy):
    sys.stderr.write(f"error: {what}\n  to fix: {remedy}\n")
    env.Exit(1)  # noqa: F821


def write_fixtures():
    if not os.path.isdir(os.path.join(ROOT, "node_modules", "typescript")):
        fail("the packages of Node.js that make the tests' fixtures are missing", "npm ci")
    os.makedirs(FOLDER, exist_ok=True)
    for step in STEPS:
        try:
            status = subprocess.call(["node", *step], cwd=ROOT)
        except FileNotFoundError:
            fail("Node.js, which makes the tests' fixtures, is missing", "install Node.js 20 or newer")
        if status != 0:
            fail(f"node {step[0]} failed", "see the lines above")
    with open(STAMP, "w", encoding="utf-8"):
        pass


if "__test" in COMMAND_LINE_TARGETS:
    if not up_to_date():
        write_fixtures()
    apps = FOLDER.replace("\\", "/")
    env.Append(CPPPATH=[FOLDER], CPPDEFINES=[("TEST_APPS", env.StringifyMacro(apps))])  # noqa: F821
