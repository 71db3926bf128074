/** ROS 2 type hashes (REP-2016) as endpoints announce them: `typehash=RIHS01_<64 hex digits>;` in their USER_DATA. */
const TYPE_HASH = /^RIHS01_[0-9a-f]{64}$/;
const IN_USER_DATA = /(?:^|;)typehash=(RIHS01_[0-9a-f]{64});/;
const text = new TextDecoder("latin1");

export const isTypeHash = (value: string): boolean => TYPE_HASH.test(value);

/** The text of a hash out of its 32 octets of SHA-256. */
export const typeHashFromDigest = (digest: Uint8Array): string =>
  `RIHS01_${Buffer.from(digest).toString("hex")}`;

/** @returns the 32 octets of a hash, or undefined if it is none */
export const digestOfTypeHash = (hash: string): Uint8Array | undefined =>
  isTypeHash(hash) ? Buffer.from(hash.slice("RIHS01_".length), "hex") : undefined;

/** The type hash inside the USER_DATA of an endpoint, if there is one. */
export const parseTypeHashUserData = (userData: Uint8Array): string | undefined =>
  IN_USER_DATA.exec(text.decode(userData))?.[1];

/** USER_DATA that announces a hash, as rmw implementations write it. */
export const typeHashUserData = (hash: string): Uint8Array => Buffer.from(`typehash=${hash};`, "latin1");
