"""
Reads Kconfig files as ESP-IDF does and writes what they and the defaults say.

    python kconfig.py TARGET SDKCONFIG_H SDKCONFIG_CMAKE KCONFIG... -- DEFAULTS...
"""

import os
import sys

import kconfiglib


def main():
    target, header, variables, *rest = sys.argv[1:]
    kconfigs, defaults = rest[: rest.index("--")], rest[rest.index("--") + 1 :]
    os.environ["IDF_TARGET"] = target
    os.environ["CONFIG_"] = "CONFIG_"
    own = os.path.join(os.path.dirname(os.path.abspath(__file__)), "Kconfig")
    top = header + ".Kconfig"
    with open(top, "w", encoding="utf-8") as file:
        file.writelines(f'source "{path}"\n' for path in [own, *kconfigs])
    kconfig = kconfiglib.Kconfig(top, warn_to_stderr=False)
    for path in defaults:
        kconfig.load_config(path, replace=False)
    if kconfig.warnings:
        sys.exit("\n".join(kconfig.warnings))
    kconfig.write_autoconf(header)
    with open(variables, "w", encoding="utf-8") as file:
        for symbol in kconfig.unique_defined_syms:
            if symbol.config_string:  # it has a value, or is visible and switched off
                value = "" if symbol.str_value == "n" else symbol.str_value
                file.write(f'set(CONFIG_{symbol.name} "{value}")\n')


main()
