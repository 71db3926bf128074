import { CdrError, CdrWriter, cdrErrorText } from "../cdr";
import { ERROR_BUSY, service_reply } from "../env";
import { Message } from "../interface";
import { errorText } from "../node/errors";
import { allocate, RAW, release } from "../rt/heap";
import { sleep } from "../task/sleep";

/** How long to wait for room in the outgoing queue before trying again. */
const BUSY_RETRY_MS: i64 = 5;

/**
 * Sends a response, waiting for room in the outgoing queue if need be (only the calling task waits).
 * @returns null, or why it could not be sent; the token is then still good
 */
export function reply(token: i32, response: Message): string | null {
  const measure = new CdrWriter(0, 0);
  response.serialize(measure);
  if (measure.error != CdrError.None) return cdrErrorText(measure.error);
  const length = <u32>measure.length;
  const payload = allocate(length, RAW);
  response.serialize(new CdrWriter(payload, length));
  let result = service_reply(token, payload, length);
  while (result == ERROR_BUSY) {
    sleep(BUSY_RETRY_MS);
    result = service_reply(token, payload, length);
  }
  release(payload);
  if (result >= 0) return null;
  return errorText(result);
}
