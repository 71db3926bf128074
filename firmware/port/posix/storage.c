#include "storage.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rosehip/error.h"

bool posix_storage_open(const char* folder) {
  struct stat status;
  if (mkdir(folder, 0777) != 0 && errno != EEXIST) {
    fprintf(stderr, "error: --storage %s: %s\n", folder, strerror(errno));
    return false;
  }
  if (stat(folder, &status) == 0 && S_ISDIR(status.st_mode) && access(folder, R_OK | W_OK | X_OK) == 0) return true;
  fprintf(stderr, "error: --storage %s: this is not a folder that can be written\n", folder);
  return false;
}

/* FOLDER/NAME and the suffix; false if that is longer than a path may be. */
static bool make_path(char path[PATH_MAX], const char* folder, const char* name, const char* suffix) {
  const int length = snprintf(path, PATH_MAX, "%s/%s%s", folder, name, suffix);
  return length > 0 && length < PATH_MAX;
}

/* As many octets as there are, up to `size_bytes`; -1 if it fails. */
static ssize_t read_all(int fd, uint8_t* buffer, size_t size_bytes) {
  size_t got = 0;
  while (got < size_bytes) {
    const ssize_t count = read(fd, buffer + got, size_bytes - got);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return -1;
    if (count == 0) break;
    got += (size_t)count;
  }
  return (ssize_t)got;
}

static bool write_all(int fd, const uint8_t* bytes, size_t length_bytes) {
  while (length_bytes > 0) {
    const ssize_t count = write(fd, bytes, length_bytes);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return false;
    bytes += count;
    length_bytes -= (size_t)count;
  }
  return true;
}

int posix_storage_read(const char* folder, const char* name, uint8_t* record, size_t size_bytes) {
  char path[PATH_MAX];
  struct stat status;
  if (!make_path(path, folder, name, "")) return ROSEHIP_ERROR_STORAGE;
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return errno == ENOENT ? ROSEHIP_ERROR_NOT_FOUND : ROSEHIP_ERROR_STORAGE;
  bool good = fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && status.st_size <= INT_MAX;
  const size_t wanted = !good || (size_t)status.st_size > size_bytes ? size_bytes : (size_t)status.st_size;
  good = good && read_all(fd, record, wanted) == (ssize_t)wanted;
  close(fd);
  return good ? (int)status.st_size : ROSEHIP_ERROR_STORAGE;
}

/* The folder's entry is safe only when the folder is. */
static bool sync_folder(const char* folder) {
  const int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return false;
  const bool good = fsync(fd) == 0;
  close(fd);
  return good;
}

/* The old file stays until the new one is whole on the disk. */
int posix_storage_write(const char* folder, const char* name, const uint8_t* record, size_t length_bytes) {
  char path[PATH_MAX], fresh[PATH_MAX];
  if (!make_path(path, folder, name, "") || !make_path(fresh, folder, name, ".new")) return ROSEHIP_ERROR_STORAGE;
  if (length_bytes == 0) {
    if (unlink(path) != 0 && errno != ENOENT) return ROSEHIP_ERROR_STORAGE;
    return sync_folder(folder) ? ROSEHIP_OK : ROSEHIP_ERROR_STORAGE;
  }
  const int fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (fd < 0) return ROSEHIP_ERROR_STORAGE;
  bool good = write_all(fd, record, length_bytes) && fsync(fd) == 0;
  good = close(fd) == 0 && good;
  good = good && rename(fresh, path) == 0 && sync_folder(folder);
  if (!good) unlink(fresh);
  return good ? ROSEHIP_OK : ROSEHIP_ERROR_STORAGE;
}
