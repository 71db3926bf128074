import { ABI_STORAGE_KEY_OCTETS, ABI_STORAGE_VALUE_OCTETS, AbiError } from "./abi.js";

/** What an app stores over restarts. */
export class Storage {
  constructor(readonly values: Map<string, Uint8Array>) {}

  read(key: string, value: Uint8Array): number {
    if (!isKey(key)) return AbiError.INVALID_ARGUMENT;
    const stored = this.values.get(key);
    if (stored === undefined) return AbiError.NOT_FOUND;
    if (value.byteLength === 0) return stored.byteLength;
    if (stored.byteLength > value.byteLength) return AbiError.TOO_LARGE;
    value.set(stored);
    return stored.byteLength;
  }

  write(key: string, value: Uint8Array): number {
    if (!isKey(key)) return AbiError.INVALID_ARGUMENT;
    if (value.byteLength > ABI_STORAGE_VALUE_OCTETS) return AbiError.TOO_LARGE;
    if (value.byteLength === 0) this.values.delete(key);
    else this.values.set(key, value.slice());
    return 0;
  }
}

function isKey(key: string): boolean {
  const octets = Buffer.byteLength(key);
  return octets >= 1 && octets <= ABI_STORAGE_KEY_OCTETS;
}
