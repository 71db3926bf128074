/** Bounds on what interface definitions may ask of the toolchain. Definitions come from packages others wrote. */
export const INTERFACE_LIMITS = {
  /** Octets of one definition file. The largest of the common interfaces, comments included, has 17 thousand. */
  fileOctets: 256 * 1024,
  /** Lines of one definition file, so that a report of mistakes stays readable and bounded. */
  fileLines: 8192,
  /** Mistakes reported at once. */
  mistakes: 100,
  /** Messages inside messages: serializers recurse this deep. The common interfaces reach 6. */
  nesting: 32,
  /** Octets a message takes with all sequences empty: bounds what one `new` allocates. */
  fixedOctets: 16 * 1024 * 1024,
  /** A bound or fixed length: sequence lengths are a u32 on the wire, kept in an i32 by readers. */
  arrayLength: 0x7fff_ffff,
} as const;
