"""
PlatformIO's runner of Unity tests on the Unity that unity.ts has fetched; platformio.test.ts runs it, since its machine
may have no way to PlatformIO's registry. Users have `test_framework = unity`, and this file is not looked at.
"""

from platformio.public import UnityTestRunner


class CustomTestRunner(UnityTestRunner):
    EXTRA_LIB_DEPS = None

    def configure_build_env(self, env):
        """Unity's own output is right for a program on this computer."""
        return env
