from platformio.public import PlatformBase


class Rosehip_bare_metalPlatform(PlatformBase):
    def is_embedded(self):
        """QEMU is a program on this computer: nothing is uploaded, and tests write to standard output."""
        return False
