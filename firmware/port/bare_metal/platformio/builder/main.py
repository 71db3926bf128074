"""
Builds for a board in firmware/port without an operating system: custom_board in platformio.ini. What is special about it is
in toolchain/firmware/targets.json, for the other build, too. The board itself, all but its main, is part of every program,
so that tests run on it.
"""

import json
import os
import sys

from SCons.Script import COMMAND_LINE_TARGETS, AlwaysBuild, Default, DefaultEnvironment

env = DefaultEnvironment()
ROOT = env.subst("$PROJECT_DIR")
PORT = os.path.join(ROOT, "firmware", "port")
BARE_METAL = os.path.join(PORT, "bare_metal")

board = env.GetProjectOption("custom_board")
with open(os.path.join(ROOT, "toolchain", "firmware", "targets.json"), encoding="utf-8") as file:
    toolchain = json.load(file)[board]
prefix = toolchain["prefix"]
if env.WhereIs(prefix + "gcc") is None:
    sys.stderr.write(f"error: {prefix}gcc is missing\n  to fix: sudo apt-get install {' '.join(toolchain['packages'])}\n")
    env.Exit(1)

for tool in ("gcc", "g++", "as", "ar", "gnulink"):
    env.Tool(tool)
env.Replace(CC=prefix + "gcc", CXX=prefix + "g++", AS=prefix + "gcc", LINK=prefix + "gcc", AR=prefix + "gcc-ar")
env.Replace(RANLIB=prefix + "gcc-ranlib", PROGSUFFIX=".elf")
env.Append(
    CCFLAGS=toolchain["compile"] + ["-Os", "-ffunction-sections", "-fdata-sections"],
    ASFLAGS=toolchain["compile"],
    LINKFLAGS=toolchain["link"]
    + ["-nostartfiles", "-Wl,--gc-sections", "-L" + BARE_METAL, "-T" + os.path.join(PORT, board, "link.ld")],
    CPPPATH=[os.path.join(PORT, board), BARE_METAL, os.path.join(ROOT, "firmware", "include")],
)
if "__test" in COMMAND_LINE_TARGETS:
    env.Append(LINKFLAGS=["-Wl,--defsym=__ram_size=2M"])  # the agents that tests talk to are larger than the firmware
if "ROSEHIP_APP" in os.environ:
    env.Append(CPPDEFINES=[("ROSEHIP_APP", env.StringifyMacro(os.path.abspath(os.environ["ROSEHIP_APP"])))])

env.BuildSources(os.path.join("$BUILD_DIR", "board"), os.path.join(PORT, board))
env.BuildSources(os.path.join("$BUILD_DIR", "bare_metal"), BARE_METAL, "+<*> -<main.c> -<platformio/>")

program = env.BuildProgram()
AlwaysBuild(env.Alias("nobuild", program))
Default([program])
