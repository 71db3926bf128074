#include "flash.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rosehip/error.h"

enum { ERASE_BYTES = 4096, WRITE_BYTES = 4 };

static int flash_read(void* context, uint32_t offset, void* bytes, size_t length_bytes) {
  const posix_flash_t* flash = context;
  const uint32_t size = flash->flash.size_bytes;
  if (offset > size || length_bytes > size - offset) return ROSEHIP_ERROR_STORAGE;
  memcpy(bytes, flash->memory + offset, length_bytes);
  return ROSEHIP_OK;
}

static const uint8_t* flash_map(void* context, uint32_t offset, size_t length_bytes) {
  const posix_flash_t* flash = context;
  const uint32_t size = flash->flash.size_bytes;
  return offset > size || length_bytes > size - offset ? NULL : flash->memory + offset;
}

/* True if the power fails in this operation: then only some of the octets get their new value, by the operation's number
   which ones. */
static bool is_cut(posix_flash_t* flash) {
  if (++flash->count != flash->cut) return false;
  srand(flash->cut);
  return true;
}

static bool is_spared(bool cut) { return cut && rand() % 2 == 0; }

static void end_if(bool cut) {
  if (cut) _exit(EXIT_FAILURE); /* no goodbye to anyone */
}

static int flash_write(void* context, uint32_t offset, const void* bytes, size_t length_bytes) {
  posix_flash_t* flash = context;
  const uint32_t size = flash->flash.size_bytes;
  const uint8_t* octets = bytes;
  if (offset % WRITE_BYTES != 0 || length_bytes % WRITE_BYTES != 0 || offset > size || length_bytes > size - offset) {
    return ROSEHIP_ERROR_STORAGE;
  }
  const bool cut = is_cut(flash);
  for (size_t i = 0; i < length_bytes; i++) {
    if (!is_spared(cut)) flash->memory[offset + i] &= octets[i];
  }
  end_if(cut);
  return ROSEHIP_OK;
}

static int flash_erase(void* context, uint32_t offset) {
  posix_flash_t* flash = context;
  if (offset % ERASE_BYTES != 0 || offset >= flash->flash.size_bytes) return ROSEHIP_ERROR_STORAGE;
  const bool cut = is_cut(flash);
  for (size_t i = 0; i < ERASE_BYTES; i++) {
    if (!is_spared(cut)) flash->memory[offset + i] = 0xff;
  }
  end_if(cut);
  return ROSEHIP_OK;
}

/* Lengthens the file to `size_bytes` with erased octets. */
static bool fill(int fd, uint32_t size_bytes) {
  uint8_t erased[ERASE_BYTES];
  struct stat status;
  memset(erased, 0xff, sizeof erased);
  if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) return false;
  for (uint64_t at = (uint64_t)status.st_size; at < size_bytes;) {
    const size_t wanted = size_bytes - at < sizeof erased ? (size_t)(size_bytes - at) : sizeof erased;
    const ssize_t count = pwrite(fd, erased, wanted, (off_t)at);
    if (count < 0 && errno != EINTR) return false;
    if (count > 0) at += (uint64_t)count;
  }
  return true;
}

bool posix_flash_open(posix_flash_t* flash, const char* path, uint32_t size_bytes) {
  errno = 0;
  const int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  void* memory = MAP_FAILED;
  if (fd >= 0 && fill(fd, size_bytes)) memory = mmap(NULL, size_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  const int error = errno;
  if (fd >= 0) close(fd);
  if (memory == MAP_FAILED) {
    fprintf(stderr, "error: --flash %s: %s\n", path, error == 0 ? "not a file" : strerror(error));
    return false;
  }
  flash->memory = memory;
  flash->flash = (rosehip_flash_t){
      .context = flash,
      .size_bytes = size_bytes,
      .erase_bytes = ERASE_BYTES,
      .write_bytes = WRITE_BYTES,
      .read = flash_read,
      .write = flash_write,
      .erase = flash_erase,
      .map = flash_map,
  };
  return true;
}
