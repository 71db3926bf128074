/* What is fuzzed: one function for each kind of input. Each must end in order, without a leak, whatever it is given. */
#ifndef FUZZ_TARGET_H
#define FUZZ_TARGET_H

#include <stddef.h>
#include <stdint.h>

/* Octets from a serial line and from a TCP stream. */
void fuzz_framing(const uint8_t* bytes, size_t length);

/* One message for a session that connects just now. */
void fuzz_message(const uint8_t* bytes, size_t length);

/*
 * Several messages for a session that is connected and has a datareader 0x0016, a requester 0x0017 and a replier 0x0018.
 * The input is a series of: length u8 | stream u8 | that many octets of submessages. Streams 0, 8, 16 ... are best effort,
 * 4, 12 ... none, the others reliable, of which 17, 33 ... come up to 15 messages early.
 */
void fuzz_live_session(const uint8_t* bytes, size_t length);

#endif
