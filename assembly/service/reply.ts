import { ERROR_BUSY, service_reply } from "../env";
import { encode, encodeError, Message } from "../interface";
import { errorText } from "../node/errors";
import { release, sizeOf } from "../rt/heap";
import { sleep } from "../task/sleep";

/** How long to wait for room in the outgoing queue before trying again. */
export const BUSY_RETRY_MS: i64 = 5;

/**
 * Sends a response, waiting for room in the outgoing queue if need be (only the calling task waits).
 * @returns null, or why it could not be sent; the token is then still good
 */
export function reply(token: i32, response: Message): string | null {
  const payload = encode(response);
  if (!payload) return encodeError;
  let result = service_reply(token, payload, <u32>sizeOf(payload));
  while (result == ERROR_BUSY) {
    sleep(BUSY_RETRY_MS);
    result = service_reply(token, payload, <u32>sizeOf(payload));
  }
  release(payload);
  return result < 0 ? errorText(result) : null;
}
