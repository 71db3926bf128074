from platformio.public import PlatformBase


class NativePlatform(PlatformBase):
    def is_embedded(self):
        return False
