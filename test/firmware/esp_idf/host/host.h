/* The fake chip: what main.c tells its parts. */
#ifndef ROSEHIP_ESP_IDF_HOST_H
#define ROSEHIP_ESP_IDF_HOST_H

#include <stdbool.h>

/* A pseudo-terminal without echo; `path` becomes a symbolic link to its other end. Returns the chip's end, or -1. */
int host_terminal(const char* path);

/* The chip's USB Serial/JTAG. */
bool host_usb_open(const char* path);

/* The chip's UART: TX and RX. */
bool host_uart_open(const char* path);

/* Times that uart_write_bytes had to wait for room: the port must not let that happen. */
unsigned host_uart_waits(void);

/* NVS is a folder, with a folder in it for each namespace; NULL: the partition is missing. */
void host_nvs_folder(const char* path);

/* The data partition "apps" is a file, made full of 0xff if it is not there; NULL: there is none. */
bool host_apps_file(const char* path);

#endif
