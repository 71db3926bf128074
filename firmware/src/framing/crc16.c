#include "crc16.h"

/* One entry for each half octet: 32 octets of flash instead of 512, two look-ups instead of eight shifts. */
static const uint16_t HALF_OCTET[16] = {
    0x0000, 0xcc01, 0xd801, 0x1400, 0xf001, 0x3c00, 0x2800, 0xe401,
    0xa001, 0x6c00, 0x7800, 0xb401, 0x5000, 0x9c01, 0x8801, 0x4400,
};

uint16_t rosehip_crc16_update(uint16_t crc, uint8_t octet) {
  crc = (uint16_t)((crc >> 4) ^ HALF_OCTET[(crc ^ octet) & 0x0f]);
  return (uint16_t)((crc >> 4) ^ HALF_OCTET[(crc ^ (octet >> 4)) & 0x0f]);
}
