/* The key-value store of the posix port: one file for each record, in a folder. */
#ifndef ROSEHIP_POSIX_STORAGE_H
#define ROSEHIP_POSIX_STORAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* True if the folder is there or could be made; else it has been said on standard error why not. */
bool posix_storage_open(const char* folder);

/* storage_read and storage_write of rosehip_port_t. */
int posix_storage_read(const char* folder, const char* name, uint8_t* record, size_t size_bytes);
int posix_storage_write(const char* folder, const char* name, const uint8_t* record, size_t length_bytes);

#endif
