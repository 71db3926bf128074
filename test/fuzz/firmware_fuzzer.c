/*
 * The decoders of the firmware's core as one libFuzzer target; the first octet chooses which.
 *
 *   clang -g -O1 -fsanitize=fuzzer,address,undefined -Ifirmware/include -Itest/firmware \
 *     test/fuzz/firmware_fuzzer.c test/firmware/fuzz_target.c test/firmware/fake_agent.c \
 *     firmware/src/arena.c firmware/src/framing/[a-z]*.c firmware/src/cdr/[a-z]*.c firmware/src/xrce/[a-z]*.c -o fuzzer
 *   ./fuzzer -max_len=2048 corpus/
 *
 * test/firmware/test_fuzz runs the same targets on mutated captures in every test run.
 */
#include "../firmware/fuzz_target.h"

int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t length) {
  if (length == 0) return 0;
  switch (bytes[0] % 3) {
    case 0:
      fuzz_framing(bytes + 1, length - 1);
      break;
    case 1:
      fuzz_message(bytes + 1, length - 1);
      break;
    default:
      fuzz_live_session(bytes + 1, length - 1);
  }
  return 0;
}
