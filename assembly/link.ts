// Imports that the build resolves inside the module (toolchain/build/asyncify.ts): none of them reaches the firmware.
// Not checked by the formatter, which does not know decorators of functions.

// @ts-ignore: decorator
@external("asyncify", "start_unwind")
export declare function startUnwind(stack: usize): void;
// @ts-ignore: decorator
@external("asyncify", "stop_unwind")
export declare function stopUnwind(): void;
// @ts-ignore: decorator
@external("asyncify", "start_rewind")
export declare function startRewind(stack: usize): void;
// @ts-ignore: decorator
@external("asyncify", "stop_rewind")
export declare function stopRewind(): void;

/** The initialisers of all modules, then the top-level code of the user's. */
// @ts-ignore: decorator
@external("link", "start")
export declare function runTopLevelCode(): void;
