/* CRC-16/ARC: polynomial 8005 reflected (A001), initial value 0000, no final XOR. */
#ifndef ROSEHIP_CRC16_H
#define ROSEHIP_CRC16_H

#include <stdint.h>

/* The CRC after one more octet. */
uint16_t rosehip_crc16_update(uint16_t crc, uint8_t octet);

#endif
