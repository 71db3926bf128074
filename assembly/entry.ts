// The module's exports to the firmware (docs/abi.md). asc compiles this file as the runtime of every app
// (toolchain/build), so that an app needs to export nothing itself.
import "./rt/random";
import "./rt/runtime";
import "./rt/text";
import { ABI_VERSION } from "./env";

export { poll as rosehip_poll } from "./poll";
export const rosehip_abi_version: i32 = ABI_VERSION;
export const rosehip_memory_bytes: i32 = ASC_LOW_MEMORY_LIMIT;
