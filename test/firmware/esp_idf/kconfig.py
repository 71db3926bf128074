"""
Runs ESP-IDF's own kconfgen (esp-idf-kconfig) on Kconfig files, with the files of defaults, as ESP-IDF's build does.

    python kconfig.py TARGET SDKCONFIG_H SDKCONFIG_CMAKE KCONFIG... -- DEFAULTS...
"""

import os
import subprocess
import sys


def main():
    target, header, variables, *rest = sys.argv[1:]
    kconfigs, defaults = rest[: rest.index("--")], rest[rest.index("--") + 1 :]
    own = os.path.join(os.path.dirname(os.path.abspath(__file__)), "Kconfig")
    top = header + ".Kconfig"
    with open(top, "w", encoding="utf-8") as file:
        file.writelines(f'source "{path}"\n' for path in [own, *kconfigs])
    options = ["--kconfig", top, "--config", header + ".none", "--env", f"IDF_TARGET={target}"]
    for path in defaults:
        options += ["--defaults", path]
    options += ["--output", "header", header, "--output", "cmake", variables]
    environment = {**os.environ, "IDF_TARGET": target}
    done = subprocess.run([sys.executable, "-m", "kconfgen", *options], env=environment, capture_output=True, text=True)
    said = [line for line in (done.stdout + done.stderr).splitlines() if not line.startswith("Loading defaults file ")]
    if done.returncode != 0 or said:
        sys.exit("\n".join(said) or f"kconfgen: status {done.returncode}")


main()
