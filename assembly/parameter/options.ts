import { ParameterRange } from "./range";

/** What is known of a parameter besides its name, type and value; most of it is rcl_interfaces/msg/ParameterDescriptor. */
export class ParameterOptions {
  description: string = "";
  /** In words; it is up to the app to check them (`Node#onSetParameters`). */
  additionalConstraints: string = "";
  /** Whether only an override of the agent's command line may give it another value than that declared. */
  readOnly: bool = false;
  /** Whether it may be given values of other types, and be deleted by setting it to "not set". */
  dynamicTyping: bool = false;
  /** Of an integer or double: `new IntegerRange(0, 10)`, `new FloatingPointRange(0, 2.5, 0.5)`. */
  range: ParameterRange | null = null;
  /** Whether values set at run time outlast restarts of the app and the board. */
  persist: bool = false;
}
