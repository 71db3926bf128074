import { RosehipError } from "../host-agent/src/errors.js";
import {
  ABI_FUNCTION_NAMES,
  ABI_MODULE,
  ABI_VERSION,
  type AbiExports,
  type AbiHost,
  linkAbi,
} from "./abi.js";
import { LOOP_IMPORT, withLoopCalls } from "./loop-limit.js";

/** Nothing the app may touch is written over this pattern above its memory. */
const GUARD = 0xa5;

/** An app that did not come back from a poll in time. */
export class LoopError extends Error {}

/** A checked module, from which instances are made: one at load, one more after each trap. */
export class AppModule {
  private readonly module: WebAssembly.Module;

  /**
   * @param loopLimit function entries and turns of loops allowed in one poll; 0 for no limit (and full speed)
   * @throws ABI_IMPORT if it imports anything the ABI does not have
   */
  constructor(
    wasm: Uint8Array,
    private readonly loopLimit: number,
  ) {
    for (const { module, name } of WebAssembly.Module.imports(new WebAssembly.Module(wasm))) {
      if (module !== ABI_MODULE || !ABI_FUNCTION_NAMES.includes(name)) {
        throw new RosehipError(
          "ABI_IMPORT",
          `the app imports ${module}.${name}, which this host does not have`,
        );
      }
    }
    this.module = new WebAssembly.Module(loopLimit === 0 ? wasm : withLoopCalls(wasm));
  }

  instantiate(host: AbiHost): AppInstance {
    return new AppInstance(this.module, host, this.loopLimit);
  }
}

/** One run of an app, from its start to its trap or removal. */
export class AppInstance {
  private readonly exports: AbiExports;
  /** Octets of memory the app may use. */
  readonly memoryBytes: number;
  private turns = 0;

  constructor(module: WebAssembly.Module, host: AbiHost, loopLimit: number) {
    const countTurn = () => {
      if (++this.turns > loopLimit)
        throw new LoopError(`did not return within ${loopLimit} turns of its loops`);
    };
    const instance = new WebAssembly.Instance(module, {
      [ABI_MODULE]: { ...linkAbi(host, () => this.memory), [LOOP_IMPORT]: countTurn },
    });
    this.exports = instance.exports as unknown as AbiExports;
    const { rosehip_abi_version: version, rosehip_memory_bytes: bytes } = this.exports;
    if (Number(version?.value) !== ABI_VERSION) {
      throw new RosehipError(
        "ABI_VERSION",
        `the app was built for version ${version?.value}, not ${ABI_VERSION}`,
        {
          remedy: "Build the app again with this Rosehip.",
        },
      );
    }
    this.memoryBytes = Number(bytes.value);
    new Uint8Array(this.exports.memory.buffer).fill(GUARD, this.memoryBytes);
  }

  /** What the app may use of its memory. */
  get memory(): Uint8Array {
    return new Uint8Array(this.exports.memory.buffer, 0, this.memoryBytes);
  }

  /** Whether the app kept to {@link memory}: V8 gives it whole pages, a board does not. */
  get guardIntact(): boolean {
    return new Uint8Array(this.exports.memory.buffer, this.memoryBytes).every((octet) => octet === GUARD);
  }

  /** @returns when it wants to run again @throws WebAssembly.RuntimeError, RangeError (call stack) or LoopError */
  poll(): bigint {
    this.turns = 0;
    return this.exports.rosehip_poll();
  }
}
