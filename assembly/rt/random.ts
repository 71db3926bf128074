import { random } from "../env";
import { fail } from "./text";

/** What `Math.random` begins with (asc: `--use seed=`). Ends the app if the board has no random numbers. */
export function seed(): f64 {
  const octets = memory.data(8, 8);
  if (random(octets, 8) < 0) fail("Math.random: this board has no random numbers");
  return load<f64>(octets);
}
