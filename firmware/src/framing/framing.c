/* DDS-XRCE 1.0, 11.2 (UDP), 11.3 (TCP) and 11.4 (serial, HDLC-like framing). */
#include "rosehip/framing.h"

#include <assert.h>

#include "crc16.h"
#include "rosehip/error.h"

enum {
  FLAG = 0x7e,
  ESCAPE = 0x7d,
  ESCAPE_XOR = 0x20,
  SERIAL_HEADER_BYTES = 4, /* source, destination, length */
  SERIAL_CRC_BYTES = 2,
  STREAM_HEADER_BYTES = 2,
  MIN_BUFFER_BYTES = 16,
  MAX_MESSAGE_BYTES = 65535,
};

size_t rosehip_framing_bound_bytes(rosehip_framing_kind_t kind, size_t message_bytes) {
  switch (kind) {
    case ROSEHIP_FRAMING_SERIAL:
      return 1 + 2 * (SERIAL_HEADER_BYTES + message_bytes + SERIAL_CRC_BYTES);
    case ROSEHIP_FRAMING_STREAM:
      return STREAM_HEADER_BYTES + message_bytes;
    default:
      return message_bytes;
  }
}

int rosehip_framing_init(rosehip_framing_t* framing, const rosehip_framing_config_t* config) {
  if (framing == NULL || config == NULL || config->on_message == NULL) return ROSEHIP_ERROR_INVALID_ARGUMENT;
  const bool datagram = config->kind == ROSEHIP_FRAMING_DATAGRAM;
  if (!datagram && (config->buffer == NULL || config->buffer_bytes < MIN_BUFFER_BYTES ||
                    config->buffer_bytes > MAX_MESSAGE_BYTES)) {
    return ROSEHIP_ERROR_INVALID_ARGUMENT;
  }
  *framing = (rosehip_framing_t){.config = *config};
  return ROSEHIP_OK;
}

void rosehip_framing_reset(rosehip_framing_t* framing) {
  framing->position = 0;
  framing->in_frame = false;
  framing->escaped = false;
  framing->skipping = false;
}

const rosehip_framing_stats_t* rosehip_framing_stats(const rosehip_framing_t* framing) { return &framing->stats; }

static void deliver(rosehip_framing_t* framing, const uint8_t* message, size_t length_bytes) {
  framing->stats.frames_received++;
  framing->config.on_message(framing->config.context, message, length_bytes);
}

/* ---- Serial, decoding ---------------------------------------------------------------------------------------------
 *
 * in_frame false: waiting for a 7E; everything else is noise.
 * in_frame true:  `position` unescaped octets after the 7E were taken. A raw 7E starts a new frame wherever it
 *                 comes, since inside a frame it is always escaped: damage never reaches past the next 7E.
 */

static void refuse(rosehip_framing_t* framing, uint32_t* cause) {
  (*cause)++;
  framing->in_frame = false;
}

static void serial_header_octet(rosehip_framing_t* framing, uint8_t octet) {
  switch (framing->position) {
    case 0: /* The source is not checked: a client has one agent. */
      break;
    case 1:
      framing->destination = octet;
      break;
    case 2:
      framing->message_bytes = octet;
      break;
    default:
      framing->message_bytes |= (uint16_t)(octet << 8);
      if (framing->message_bytes == 0) {
        refuse(framing, &framing->stats.frames_empty);
      } else if (framing->message_bytes > framing->config.buffer_bytes) {
        refuse(framing, &framing->stats.frames_too_large);
      }
  }
}

static void serial_end(rosehip_framing_t* framing) {
  framing->in_frame = false;
  if (framing->received_crc != framing->crc) {
    framing->stats.frames_bad_crc++;
  } else if (framing->destination != framing->config.local_address) {
    framing->stats.frames_misaddressed++;
  } else {
    deliver(framing, framing->config.buffer, framing->message_bytes);
  }
}

static void serial_octet(rosehip_framing_t* framing, uint8_t octet) {
  const uint32_t message_end = SERIAL_HEADER_BYTES + (uint32_t)framing->message_bytes;
  if (framing->position < SERIAL_HEADER_BYTES) {
    serial_header_octet(framing, octet);
  } else if (framing->position < message_end) {
    framing->config.buffer[framing->position - SERIAL_HEADER_BYTES] = octet;
    framing->crc = rosehip_crc16_update(framing->crc, octet);
  } else if (framing->position == message_end) {
    framing->received_crc = octet;
  } else {
    framing->received_crc |= (uint16_t)(octet << 8);
    serial_end(framing);
    return;
  }
  framing->position++;
}

static void serial_receive(rosehip_framing_t* framing, const uint8_t* bytes, size_t length_bytes) {
  for (size_t i = 0; i < length_bytes; i++) {
    if (bytes[i] == FLAG) {
      if (framing->in_frame) framing->stats.frames_truncated++;
      framing->in_frame = true;
      framing->escaped = false;
      framing->position = 0;
      framing->message_bytes = 0;
      framing->crc = 0;
    } else if (!framing->in_frame) {
      framing->stats.noise_bytes++;
    } else if (bytes[i] == ESCAPE) {
      framing->escaped = true;
    } else {
      const uint8_t octet = framing->escaped ? bytes[i] ^ ESCAPE_XOR : bytes[i];
      framing->escaped = false;
      serial_octet(framing, octet);
    }
  }
}

/* ---- Stream, decoding ---------------------------------------------------------------------------------- */

static void stream_header_end(rosehip_framing_t* framing) {
  framing->skipping = framing->message_bytes > framing->config.buffer_bytes;
  if (framing->skipping) framing->stats.frames_too_large++;
  if (framing->message_bytes == 0) {
    framing->stats.frames_empty++;
    framing->position = 0;
  }
}

static void stream_receive(rosehip_framing_t* framing, const uint8_t* bytes, size_t length_bytes) {
  for (size_t i = 0; i < length_bytes;) {
    if (framing->position == 0) {
      framing->message_bytes = bytes[i++];
      framing->position = 1;
      continue;
    }
    if (framing->position == 1) {
      framing->message_bytes |= (uint16_t)(bytes[i++] << 8);
      framing->position = 2;
      stream_header_end(framing);
      continue;
    }
    const size_t held = framing->position - STREAM_HEADER_BYTES;
    const size_t missing = framing->message_bytes - held;
    const size_t taken = missing < length_bytes - i ? missing : length_bytes - i;
    if (!framing->skipping) {
      for (size_t k = 0; k < taken; k++) framing->config.buffer[held + k] = bytes[i + k];
    }
    i += taken;
    framing->position += (uint32_t)taken;
    if (taken == missing) {
      framing->position = 0;
      if (!framing->skipping) deliver(framing, framing->config.buffer, framing->message_bytes);
    }
  }
}

void rosehip_framing_receive(rosehip_framing_t* framing, const uint8_t* bytes, size_t length_bytes) {
  assert(bytes != NULL || length_bytes == 0);
  switch (framing->config.kind) {
    case ROSEHIP_FRAMING_SERIAL:
      serial_receive(framing, bytes, length_bytes);
      break;
    case ROSEHIP_FRAMING_STREAM:
      stream_receive(framing, bytes, length_bytes);
      break;
    default:
      if (length_bytes == 0) {
        framing->stats.frames_empty++;
      } else {
        deliver(framing, bytes, length_bytes);
      }
  }
}

/* ---- Encoding ------------------------------------------------------------------------------------------ */

static size_t put_escaped(uint8_t* out, uint8_t octet) {
  if (octet != FLAG && octet != ESCAPE) {
    out[0] = octet;
    return 1;
  }
  out[0] = ESCAPE;
  out[1] = octet ^ ESCAPE_XOR;
  return 2;
}

static size_t serial_encode(const rosehip_framing_t* framing, const uint8_t* message, size_t message_bytes,
                            uint8_t* out) {
  size_t length = 0;
  uint16_t crc = 0;
  out[length++] = FLAG;
  length += put_escaped(out + length, framing->config.local_address);
  length += put_escaped(out + length, framing->config.remote_address);
  length += put_escaped(out + length, (uint8_t)message_bytes);
  length += put_escaped(out + length, (uint8_t)(message_bytes >> 8));
  for (size_t i = 0; i < message_bytes; i++) {
    crc = rosehip_crc16_update(crc, message[i]);
    length += put_escaped(out + length, message[i]);
  }
  length += put_escaped(out + length, (uint8_t)crc);
  length += put_escaped(out + length, (uint8_t)(crc >> 8));
  return length;
}

int rosehip_framing_encode(const rosehip_framing_t* framing, const uint8_t* message, size_t message_bytes,
                           uint8_t* out, size_t out_bytes) {
  if (message_bytes == 0 || message_bytes > MAX_MESSAGE_BYTES ||
      out_bytes < rosehip_framing_bound_bytes(framing->config.kind, message_bytes)) {
    return ROSEHIP_ERROR_TOO_LARGE;
  }
  if (framing->config.kind == ROSEHIP_FRAMING_SERIAL) return (int)serial_encode(framing, message, message_bytes, out);
  size_t length = 0;
  if (framing->config.kind == ROSEHIP_FRAMING_STREAM) {
    out[length++] = (uint8_t)message_bytes;
    out[length++] = (uint8_t)(message_bytes >> 8);
  }
  for (size_t i = 0; i < message_bytes; i++) out[length++] = message[i];
  return (int)length;
}
